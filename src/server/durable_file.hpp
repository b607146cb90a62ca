#pragma once

#include "server/open_folder.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace quivive::runtime {

/// A file that is accessible only to its owner. It appears under its name complete and synced, or not at all.
/// Until `commit` it has a temporary name that begins with a dot.
class durable_file {
public:
    /// `in` must outlive the file. All functions that are not noexcept throw
    /// `std::filesystem::filesystem_error`.
    durable_file(const open_folder& in, std::string name);
    ~durable_file();
    durable_file(const durable_file&) = delete;
    durable_file& operator=(const durable_file&) = delete;

    void append(std::span<const std::byte> bytes) { file_.write(bytes); }
    /// Syncs the file and gives it its name. When this throws, the file may exist under its name: see
    /// `may_exist`.
    void commit();
    /// Does the same, unless a file of that name exists.
    void commit_if_first();

    /// Returns whether the file may exist under its name now or after a crash.
    [[nodiscard]] bool may_exist() const noexcept { return named_; }
    /// Unlinks the name. Returns whether the name is gone. A crash may restore it until the folder is synced.
    [[nodiscard]] bool remove() noexcept;
    /// Truncates the file and tries to sync that. Returns whether the content is gone.
    [[nodiscard]] bool erase_content() noexcept { return file_.erase_content(); }

    /// Removes temporary files that killed processes left in `folder`.
    static void remove_stale(const std::filesystem::path& folder);

private:
    [[noreturn]] void fail() const;

    const open_folder& in_;
    std::string name_, unfinished_;
    open_file file_;
    bool named_ = false;
};

}  // namespace quivive::runtime
