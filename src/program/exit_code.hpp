#pragma once

namespace quivive::program {

/// Exit codes for scripts, as listed by `--help`.
namespace exit_code {
inline constexpr int success = 0;
inline constexpr int failure = 1;  ///< network or peer failed; the command line was valid
inline constexpr int usage = 2;    ///< the command line, or a file it names, must be corrected
}  // namespace exit_code

}  // namespace quivive::program
