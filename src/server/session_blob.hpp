#pragma once

#include "quivive/error.hpp"
#include "server/state_folder.hpp"
#include "session/saved_session.hpp"

#include <functional>
#include <span>
#include <vector>

namespace quivive::runtime {

/// Seals a session as a blob for processes that share this folder. Throws `std::exception` on failure.
[[nodiscard]] std::vector<std::byte> seal_session(const state_folder& sealed_for,
                                                  const sessions::saved_session& saved);

/// A session from an opened blob, or why it was refused.
struct opened_session {
    error_code error;
    sessions::saved_session saved{};
};

/// Opens blobs. Each blob can be opened once: it is marked in the folder before its session is returned.
/// Blobs that do not verify, or that `check_belongs_here` rejects, are not marked. Throws `std::system_error`
/// when the marks cannot be written.
[[nodiscard]] std::vector<opened_session> open_sessions(
    state_folder& sealed_for, std::span<const std::vector<std::byte>> blobs,
    const std::function<error_code(const sessions::saved_session&)>& check_belongs_here);

/// Returns whether another server may still import the blob, refused here for `why`. That server may have the
/// secret or the folder that the blob was sealed for. Returns false for a blob that is too old.
[[nodiscard]] bool may_be_imported_later(wire::bytes blob, const error_code& why);

}  // namespace quivive::runtime
