#pragma once

namespace quivive::program {

/// Raises the soft limit of open files to the hard one: each session of a forwarder has a socket, and the
/// usual soft limit is 1024. What the system refuses stays as it was.
void allow_all_open_files() noexcept;

}  // namespace quivive::program
