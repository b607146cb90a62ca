#pragma once

#include "server/open_file.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace quivive::detail {

/// What tells a file from others of its file system, and from copies of it: its inode number and, since these
/// are given out again, the time at which the file system made it, where that tells. Nobody can set either.
struct file_identity {
    std::uint64_t inode = 0;
    std::int64_t born = 0;  ///< in nanoseconds since 1970; 0: unknown

    bool operator==(const file_identity&) const = default;
};

/// Which file it is, and in which state.
struct file_stamp {
    file_identity which;
    std::uint64_t device = 0;
    std::uint64_t size = 0;
    std::int64_t changed = 0;  ///< its status (st_ctime), in nanoseconds since 1970

    bool operator==(const file_stamp&) const = default;
};

/// A folder that is open: what is done in it is done in this one, whatever becomes of its name, and needs no
/// further descriptor to be synced. Safe to use from several threads.
class open_folder {
public:
    /// Throws `std::filesystem::filesystem_error`, as all of these.
    explicit open_folder(std::filesystem::path path);
    ~open_folder();
    open_folder(const open_folder&) = delete;
    open_folder& operator=(const open_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] int descriptor() const noexcept { return file_; }

    /// What has come into the folder, or gone, is so on the disk too.
    void sync() const;

    /// Of the folder, or of a file in it.
    [[nodiscard]] file_stamp stamp(const char* name = "") const;

private:
    std::filesystem::path path_;
    int file_;
};

/// Of whatever has this path now.
[[nodiscard]] file_stamp stamp_at(const std::filesystem::path& path);

/// Makes the folder if it is missing, for its owner alone from the first moment, and those above it; what is
/// made is on the disk. Throws as above.
void make_folder(const std::filesystem::path& path);

}  // namespace quivive::detail
