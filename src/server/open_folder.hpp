#pragma once

#include "server/open_file.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace quivive::runtime {

/// Distinguishes a file from others of its file system and from copies of it. Inode numbers are reused, so
/// the creation time is included where the file system provides it. Programs can set neither of them.
struct file_identity {
    std::uint64_t inode = 0;
    std::int64_t created = 0;  ///< creation time in nanoseconds since 1970; 0: unknown

    bool operator==(const file_identity&) const = default;
};

/// Identity and state of a file.
struct file_stamp {
    file_identity which;
    std::uint64_t device = 0;
    std::uint64_t size = 0;
    std::int64_t changed = 0;  ///< status change (st_ctime) in nanoseconds since 1970

    bool operator==(const file_stamp&) const = default;
};

/// An open folder. Operations apply to this folder even when its name changes, and it can be synced without
/// another descriptor. Thread-safe.
class open_folder {
public:
    /// Throws `std::filesystem::filesystem_error`, as do all functions that are not noexcept.
    explicit open_folder(std::filesystem::path path);
    ~open_folder();
    open_folder(const open_folder&) = delete;
    open_folder& operator=(const open_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] int descriptor() const noexcept { return file_; }

    /// Syncs the entries that were added or removed.
    void sync() const;

    /// Returns the stamp of the folder, or of a file in it.
    [[nodiscard]] file_stamp stamp(const char* name = "") const;

private:
    std::filesystem::path path_;
    int file_;
};

/// Returns the stamp of the file that has this path now.
[[nodiscard]] file_stamp stamp_at(const std::filesystem::path& path);

/// Creates the folder and its parents if they are missing, and syncs them. The folder is accessible only to
/// its owner from the start. Throws `std::filesystem::filesystem_error`.
void make_folder(const std::filesystem::path& path);

}  // namespace quivive::runtime
