#pragma once

#include <string_view>

namespace quivive::program {

/// Prints to stderr, as one line, the reason why the exit code is or will not be success.
void complain(std::string_view what);

}  // namespace quivive::program
