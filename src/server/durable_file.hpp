#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace quivive::detail {

/// A file for its owner alone that is whole and on the disk under its name, or not there. Until `commit` it
/// has another name, which begins with a dot.
class durable_file {
public:
    /// Throws `std::filesystem::filesystem_error`, as all of these.
    explicit durable_file(std::filesystem::path name);
    ~durable_file();
    durable_file(const durable_file&) = delete;
    durable_file& operator=(const durable_file&) = delete;

    void append(std::span<const std::byte> bytes);
    void commit();
    /// The same, unless there is one of that name.
    void commit_if_first();

    /// What such files of processes that were killed have left in `folder`.
    static void sweep(const std::filesystem::path& folder);

private:
    std::filesystem::path name_, unfinished_;
    int file_;
};

/// What has come into the folder, or gone, is so on the disk too.
void sync_folder(const std::filesystem::path& folder);

}  // namespace quivive::detail
