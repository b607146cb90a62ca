#pragma once

#include "quivive/error.hpp"

#include <string>

namespace quivive::detail {

/// What the exception that is being handled says. To be called in a handler of `catch (...)`.
[[nodiscard]] error_code code_of_failure() noexcept;
[[nodiscard]] std::string text_of_failure();
/// The same without the name of a file, for where that has been said.
[[nodiscard]] std::string reason_of_failure();

}  // namespace quivive::detail
