#pragma once

#include "server/open_folder.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace quivive::detail {

/// A file for its owner alone that is whole and on the disk under its name, or not there. Until `commit` it
/// has another name, which begins with a dot.
class durable_file {
public:
    /// `in` outlives it. Throws `std::filesystem::filesystem_error`, as all of these.
    durable_file(const open_folder& in, std::string name);
    ~durable_file();
    durable_file(const durable_file&) = delete;
    durable_file& operator=(const durable_file&) = delete;

    void append(std::span<const std::byte> bytes) { file_.write(bytes); }
    /// When it throws, the file may be there all the same: `may_be_there`.
    void commit();
    /// The same, unless there is one of that name.
    void commit_if_first();

    /// Whether somebody may find it under its name, or could after a crash.
    [[nodiscard]] bool may_be_there() const noexcept { return named_; }
    /// Takes its name away. Whether nobody finds it any more; a crash may bring it back until the folder is
    /// synced.
    [[nodiscard]] bool remove() noexcept;
    /// Takes its content away, on the disk too if that can be. Whether nobody can read it any more.
    [[nodiscard]] bool erase_content() noexcept { return file_.erase_content(); }

    /// Removes what such files of processes that were killed have left in `folder`.
    static void sweep(const std::filesystem::path& folder);

private:
    [[noreturn]] void fail() const;

    const open_folder& in_;
    std::string name_, unfinished_;
    open_file file_;
    bool named_ = false;
};

}  // namespace quivive::detail
