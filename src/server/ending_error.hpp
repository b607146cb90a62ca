#pragma once

#include "quivive/error.hpp"
#include "session/association.hpp"

namespace quivive::detail {

/// What an operation on an ended association is told.
[[nodiscard]] error_code error_of(const sessions::association& ended) noexcept;

}  // namespace quivive::detail
