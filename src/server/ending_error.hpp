#pragma once

#include "quivive/error.hpp"
#include "session/association.hpp"

#include <string>

namespace quivive::detail {

/// What an operation on an ended association is told.
[[nodiscard]] error_code error_of(const sessions::association& ended) noexcept;

/// The same for the log, once, and of a handshake that failed the cause: why a certificate was rejected, or
/// the identity of a peer whose key was wrong, which only this side is told.
[[nodiscard]] std::string explain(sessions::association& ended);

}  // namespace quivive::detail
