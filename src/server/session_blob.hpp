#pragma once

#include "quivive/credentials.hpp"
#include "quivive/error.hpp"
#include "server/used_blobs.hpp"
#include "session/saved_session.hpp"

#include <span>
#include <vector>

namespace quivive::detail {

/// A session as a blob that only who has `key` can read. Throws `std::exception` when that fails.
[[nodiscard]] std::vector<std::byte> seal_session(const secret& key, const sessions::saved_session& saved);

/// One that was opened, or why not.
struct opened_session {
    error_code error;
    sessions::saved_session saved{};
};

/// Opens blobs, each of which is used up by that: it is marked in `used` before its session is given out, so
/// that no second one ever is. What does not verify is not marked. Throws `boost::system::system_error` when
/// the marks cannot be written.
[[nodiscard]] std::vector<opened_session> open_sessions(const secret& key, used_blobs& used,
                                                        std::span<const std::vector<std::byte>> blobs);

}  // namespace quivive::detail
