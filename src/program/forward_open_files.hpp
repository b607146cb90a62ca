#pragma once

namespace quivive::program {

/// Raises the soft limit of open files to the hard limit: each session of a forwarder has a socket, and the
/// usual soft limit is 1024. The limit is left unchanged on failure.
void allow_all_open_files() noexcept;

}  // namespace quivive::program
