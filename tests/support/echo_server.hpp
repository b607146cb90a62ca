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

}  // namespace quivive::test
