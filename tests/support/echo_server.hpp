#pragma once

#include "quivive/quivive.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>

namespace quivive::test {

/// The echo handler of the README.
boost::asio::awaitable<void> echo(session session);

/// Returns the settings of a server on a free port of 127.0.0.1, with a throw-away certificate.
[[nodiscard]] server_config loopback_config();

/// Waits until `done` holds, polling for ten seconds at most. Returns true when it does.
[[nodiscard]] bool eventually(const std::function<bool()>& done,
                              std::chrono::milliseconds within = std::chrono::seconds{10});

/// Returns whether each datagram has one disposition. Waits, since a server on another thread may still be
/// processing a datagram after the test has seen its effect.
[[nodiscard]] bool comes_to_balance(const server& served);

}  // namespace quivive::test
