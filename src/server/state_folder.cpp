#include "server/state_folder.hpp"

#include "config/state_files.hpp"
#include "quivive/error.hpp"
#include "server/durable_file.hpp"
#include "tls/random.hpp"
#include "tls/sealed_blob.hpp"
#include "tls/secret_file.hpp"
#include "wire/wipe.hpp"
#include "wire/writer.hpp"

#include <unistd.h>

#include <exception>
#include <span>
#include <system_error>

namespace quivive::runtime {

namespace {

namespace fs = std::filesystem;

using config::state_id_name;
using config::state_key_name;

constexpr std::size_t random_bytes = 32;

[[noreturn]] void refuse(tls::problem_list problems)
{
    for (auto& each : problems) each.insert(0, "state: ");
    throw config_error{std::move(problems)};
}

std::shared_ptr<const open_folder> open_state(const std::string& path)
{
    make_folder(path);
    auto folder = std::make_shared<const open_folder>(path);
    if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) throw_file_error("cannot be used", path);
    tls::problem_list problems;
    tls::check_state_folder(folder->descriptor(), path, problems);
    if (!problems.empty()) refuse(problems);
    return folder;
}

bool has(const open_folder& folder, const char* name)
try {
    (void)folder.stamp(name);
    return true;
} catch (const fs::filesystem_error& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
    return false;
}

/// Returns the secret in the file. Creates the file, readable only by its owner, with `otherwise` if it is
/// missing. If two processes start at once, both return the content of the first.
secret find_or_make(const open_folder& folder, const char* name, wire::bytes otherwise)
{
    if (!has(folder, name)) {
        durable_file made{folder, name};
        made.append(otherwise);
        made.append(wire::as_bytes("\n"));
        made.commit_if_first();
    }
    tls::problem_list problems;
    auto found = tls::load_secret((folder.path() / name).string(), problems);
    if (!found) refuse(problems);
    return *found;
}

secret find_or_make(const open_folder& folder, const char* name)
{
    auto text = tls::random_hex(random_bytes);
    const wire::wiper key{std::as_writable_bytes(std::span{text})};
    return find_or_make(folder, name, wire::as_bytes(text));
}

std::vector<secret> find_secrets(const open_folder& folder, std::span<const secret> shared,
                                 const secret* former)
{
    if (!shared.empty()) return {shared.begin(), shared.end()};
    return {former ? find_or_make(folder, state_key_name, former->bytes())
                   : find_or_make(folder, state_key_name)};
}

}  // namespace

state_folder::state_folder(const std::string& path, std::span<const secret> shared, const secret* former)
    : folder_{open_state(path)},
      has_key_{shared.empty()},
      secrets_{find_secrets(*folder_, shared, former)},
      registry_{folder_}
{
    const auto id = find_or_make(*folder_, state_id_name);
    folder_->sync();  // the process that made them may have ended before it synced
    stamps_ = describe(folder_->stamp());
    wire::writer place;
    place.vector(id.bytes(), 4);
    place.integer(stamps_.folder.inode, 8);
    place.integer(static_cast<std::uint64_t>(stamps_.folder.created), 8);
    identity_ = place.take();
    for (const auto& each : secrets_) keys_.push_back(tls::bind_secret(each, identity_));
    durable_file::remove_stale(path);
}

state_folder::stamps state_folder::describe(const file_stamp& folder) const
{
    return {folder.which, folder.device, folder_->stamp(state_id_name),
            has_key_ ? folder_->stamp(state_key_name) : file_stamp{}};
}

bool state_folder::is_same_as(const state_folder& other) const noexcept
{
    const bool has_its_key =
        !has_key_ || !other.has_key_ || secrets_.front().bytes() == other.secrets_.front().bytes();
    return has_its_key && identity_ == other.identity_;
}

bool state_folder::is_unchanged() const noexcept
try {
    return describe(stamp_at(folder_->path())) == stamps_;
} catch (const std::exception&) {
    return false;
}

}  // namespace quivive::runtime
