#pragma once

#include "quivive/error.hpp"

#include <string>

namespace quivive::runtime {

/// Return the code or the text of the exception being handled. Call only in a `catch (...)` handler.
[[nodiscard]] error_code code_of_failure() noexcept;
[[nodiscard]] std::string text_of_failure();
/// Returns the text without a file name, for messages that already contain the name.
[[nodiscard]] std::string reason_of_failure();

}  // namespace quivive::runtime
