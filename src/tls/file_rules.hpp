#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quivive::tls {

/// What is in a file or folder, which decides who may own, read and write it.
enum class file_use : unsigned char {
    certificates,  ///< public: whoever may write them
    private_key,
    psk,
    secret,
    state_folder,
};

/// What fstat tells of a file.
struct file_access {
    std::uint32_t owner = 0;
    std::uint32_t mode = 0;  ///< permission bits, 07777 at most
};

/// The effective user and group of a process.
struct process_owner {
    std::uint32_t user = 0;
    std::uint32_t group = 0;
};

/// Why a process must not use the file, one sentence each, with the command that mends it and leaves the file
/// open to this process. Empty: it may.
///
/// All but certificates belong to the user or to root, whom no mode keeps out, and only their owner may
/// write to them. A secret and a file of PSKs have mode 0600 or 0400, or 0440 when root owns them, which is
/// how Kubernetes shows them to a user who is not root. A private key may not be read by others, and by its
/// group only when root owns it.
[[nodiscard]] std::vector<std::string> find_faults(file_use use, const file_access& found,
                                                   const process_owner& process, const std::string& name);

}  // namespace quivive::tls
