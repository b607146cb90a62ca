#pragma once

#include "observe/counters.hpp"
#include "session/association.hpp"

namespace quivive::dispatch {

/// Counts the end of a session or a handshake by its close reason.
void count_close(observe::counters& counters, const sessions::association& association,
                 bool was_session) noexcept;

}  // namespace quivive::dispatch
