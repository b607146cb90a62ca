#pragma once

#include "observe/counters.hpp"
#include "session/association.hpp"

namespace quivive::dispatch {

/// Counts why one has ended that was a session, or a handshake.
void count_end(observe::counters& counters, const sessions::association& who, bool was_session) noexcept;

}  // namespace quivive::dispatch
