#pragma once

#include "quivive/error.hpp"
#include "server/state_folder.hpp"
#include "session/saved_session.hpp"

#include <functional>
#include <span>
#include <vector>

namespace quivive::detail {

/// A session as a blob for whoever has this folder. Throws `std::exception` when that fails.
[[nodiscard]] std::vector<std::byte> seal_session(const state_folder& sealed_for,
                                                  const sessions::saved_session& saved);

/// One that was opened, or why not.
struct opened_session {
    error_code error;
    sessions::saved_session saved{};
};

/// Opens blobs, each of which is used up by that: it is marked in the folder before its session is given out,
/// so that no second one ever is. What does not verify, or does not fit (`find_misfit`), is not marked.
/// Throws `std::system_error` when the marks cannot be written.
[[nodiscard]] std::vector<opened_session> open_sessions(
    state_folder& sealed_for, std::span<const std::vector<std::byte>> blobs,
    const std::function<error_code(const sessions::saved_session&)>& find_misfit);

/// Whether the blob, refused for `why`, may be somebody else's to take: another server's, or that of who has
/// the secret, or the folder, that it was sealed for. Not when it is too old.
[[nodiscard]] bool may_be_taken_later(wire::bytes blob, const error_code& why);

}  // namespace quivive::detail
