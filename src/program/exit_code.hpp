#pragma once

namespace quivive::program {

/// What a script can tell apart. `--help` lists the same.
namespace exit_code {
inline constexpr int success = 0;
inline constexpr int failure = 1;  ///< the command line was right, but the network or the peer was not
inline constexpr int usage = 2;    ///< the command line, or a file named there, must be changed
}  // namespace exit_code

}  // namespace quivive::program
