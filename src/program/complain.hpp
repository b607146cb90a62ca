#pragma once

#include <string_view>

namespace quivive::program {

/// Tells the user, on stderr, what made or will make the exit code other than success. One line.
void complain(std::string_view what);

}  // namespace quivive::program
