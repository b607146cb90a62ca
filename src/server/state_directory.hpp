#pragma once

#include "quivive/credentials.hpp"
#include "server/used_blobs.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace quivive::detail {

/// `server_config::state`: what a server leaves for the next process, in a folder that nobody else may enter.
///
///     key                the secret of the blobs, made once, when no other is configured
///     used.DAY           which blobs have been imported (`used_blobs`)
///     sessions.SERIAL    sessions that wait to be imported
///
/// Several processes may share it, one after the other or at the same time. Thread-safe.
class state_directory {
public:
    /// Makes the folder, and the key in it when `shared` is null. Throws `config_error`, whose sentence
    /// begins with "state: ".
    state_directory(const std::string& path, const secret* shared);

    /// What blobs are sealed with.
    [[nodiscard]] const secret& key() const noexcept { return key_; }
    [[nodiscard]] used_blobs& used() noexcept { return used_; }

private:
    secret key_;
    used_blobs used_;
};

/// Writes `blobs` as a file of a name of its own into `folder`, which is made if it is missing; either the
/// whole file is there, on the disk, or none. Throws `std::filesystem::filesystem_error`.
void write_blobs(const std::filesystem::path& folder, std::span<const std::vector<std::byte>> blobs);

/// The files of `write_blobs` in `folder`, none when it is missing. Throws as above.
[[nodiscard]] std::vector<std::filesystem::path> blob_files(const std::filesystem::path& folder);

/// The blobs of one; what was cut off at its end is left out.
[[nodiscard]] std::vector<std::vector<std::byte>> read_blobs(const std::filesystem::path& file);

}  // namespace quivive::detail
