#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quivive::tls {

/// Content of a file or folder. It decides which users may own, read and write the file.
enum class file_use : unsigned char {
    certificates,  ///< public: the rules allow any writer
    private_key,
    psk,
    secret,
    state_folder,
};

/// Attributes of a file, from fstat.
struct file_access {
    std::uint32_t owner = 0;
    std::uint32_t mode = 0;  ///< permission bits, 07777 at most
};

/// The effective user and group of a process.
struct process_owner {
    std::uint32_t user = 0;
    std::uint32_t group = 0;
};

/// Returns one sentence for each reason not to use the file. Each names a command that corrects the fault and
/// leaves the file open to this process. Empty: the process may use it.
///
/// All files except certificates belong to the user or to root, whom no mode excludes. Only their owner may
/// write to them. A secret and a file of PSKs have mode 0600 or 0400, or 0440 when root owns them, as
/// Kubernetes presents them to a non-root user. Others may not read a private key, and its group may only
/// when root owns it.
[[nodiscard]] std::vector<std::string> find_faults(file_use use, const file_access& found,
                                                   const process_owner& process, const std::string& name);

}  // namespace quivive::tls
