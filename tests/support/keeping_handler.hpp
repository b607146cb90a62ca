#pragma once

#include "quivive/session.hpp"
#include "quivive/session_handler.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace quivive::test {

/// Keeps its sessions for the test, which may clear them. Each session keeps its handler alive.
struct keeping_handler final : session_handler {
    boost::asio::awaitable<void> run(session given) override
    {
        const std::lock_guard lock{mutex};
        sessions.push_back(std::move(given));
        co_return;
    }
    std::size_t count()
    {
        const std::lock_guard lock{mutex};
        return sessions.size();
    }

    std::mutex mutex;
    std::vector<session> sessions;
};

}  // namespace quivive::test
