#pragma once

#include "quivive/quivive.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>

namespace quivive::test {

/// The echo of the README.
boost::asio::awaitable<void> echo(session session);

/// A server on a free port of 127.0.0.1, with a throw-away certificate.
[[nodiscard]] server_config loopback_config();

/// Waits until `done` holds, looking again and again, ten seconds at most. True when it does.
[[nodiscard]] bool eventually(const std::function<bool()>& done,
                              std::chrono::milliseconds within = std::chrono::seconds{10});

/// Whether each datagram has one verdict. A server on another thread may be at one that it has received and
/// not judged, also after the test has seen what came of it; so this waits.
[[nodiscard]] bool comes_to_balance(const server& served);

}  // namespace quivive::test
