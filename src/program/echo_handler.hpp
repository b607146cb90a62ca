#pragma once

#include "quivive/session_handler.hpp"

#include <atomic>
#include <cstdint>

namespace quivive::program {

/// Sends each message back. Drops and counts a message that is too large to be sent back; the session
/// continues.
class echo_handler final : public session_handler {
public:
    boost::asio::awaitable<void> run(session session) override;

    [[nodiscard]] std::uint64_t too_large() const noexcept { return too_large_; }

private:
    std::atomic<std::uint64_t> too_large_ = 0;
};

}  // namespace quivive::program
