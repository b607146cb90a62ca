#include "tls/file_rules.hpp"

#include <array>
#include <cstdio>

namespace quivive::tls {

namespace {

constexpr std::uint32_t root = 0;
constexpr std::uint32_t written_by_others = 0022;
constexpr std::uint32_t read_by_group = 0040;
constexpr std::uint32_t read_by_anyone = 0004;

std::string octal(std::uint32_t mode)
{
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode));
    return text.data();
}

std::string name_of(std::uint32_t user) { return user == root ? "root" : "user " + std::to_string(user); }

bool fits(file_use use, const file_access& found)
{
    switch (use) {
        case file_use::certificates:
            return true;
        case file_use::private_key: {
            const auto too_wide =
                written_by_others | read_by_anyone | (found.owner == root ? 0 : read_by_group);
            return (found.mode & too_wide) == 0;
        }
        case file_use::psk:
        case file_use::secret:
            return found.mode == 0600 || found.mode == 0400 || (found.mode == 0440 && found.owner == root);
        case file_use::state_folder:
            return (found.mode & written_by_others) == 0;
    }
    return false;
}

std::string rule_of(file_use use)
{
    switch (use) {
        case file_use::certificates:
            break;
        case file_use::private_key:
            return "a private key must not be readable by others, nor by its group unless root owns it, and "
                   "only its owner may write to it";
        case file_use::psk:
            return "a file of PSKs must have 0600 or 0400, or 0440 when root owns it";
        case file_use::secret:
            return "a secret must have 0600 or 0400, or 0440 when root owns it";
        case file_use::state_folder:
            return "only its owner may write to it, since a removed mark allows a session to be imported "
                   "twice";
    }
    return {};
}

/// Returns the command that makes the file usable for the process. Another user gains access to root's file
/// only by its group. On a Kubernetes volume, no user can change modes.
std::string mending_command(file_use use, const file_access& found, const process_owner& process,
                            const std::string& name)
{
    const auto mode = (use == file_use::state_folder ? "chmod 700 " : "chmod 600 ") + name;
    if (found.owner != root || process.user == root) return mode;
    if (use == file_use::state_folder)
        return "chown " + std::to_string(process.user) + " " + name + " && " + mode;
    return "chgrp " + std::to_string(process.group) + " " + name + " && chmod 440 " + name +
           ", or on a Kubernetes volume defaultMode: 0400 and an fsGroup";
}

/// Root may be the operator, who inspects the files of a service.
std::string wrong_owner(std::uint32_t owner, std::uint32_t user, const std::string& name)
{
    const auto found = name + ": belongs to " + name_of(owner) + ", but ";
    const auto change = "use chown " + std::to_string(user) + " " + name;
    if (user == root)
        return found + "root runs this: do that as the user of the service (sudo -u '#" +
               std::to_string(owner) + "' ...), or " + change;
    return found + "must belong to " + name_of(user) + ", which runs this, or to root; " + change;
}

}  // namespace

std::vector<std::string> find_faults(file_use use, const file_access& found, const process_owner& process,
                                     const std::string& name)
{
    std::vector<std::string> faults;
    if (use != file_use::certificates && found.owner != process.user && found.owner != root)
        faults.push_back(wrong_owner(found.owner, process.user, name));
    if (!fits(use, found))
        faults.push_back(name + ": has mode " + octal(found.mode) + ", but " + rule_of(use) + "; use " +
                         mending_command(use, found, process, name));
    return faults;
}

}  // namespace quivive::tls
