#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace quivive::detail {

/// A file that is open, by its descriptor.
class open_file {
public:
    /// Takes what `open` has given for `path`. Throws `std::filesystem::filesystem_error`, as all of these
    /// but `erase_content`: what `errno` says, when that is no descriptor.
    open_file(int descriptor, std::filesystem::path path);
    ~open_file();
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;

    [[nodiscard]] std::vector<std::byte> read() const;
    /// At its end, or where the last one ended.
    void write(std::span<const std::byte> bytes) const;
    /// What was written is on the disk.
    void sync() const;
    /// Alone among those who ask for it, for as long as it is open.
    void lock() const;
    /// Takes its content away, on the disk too if that can be. Whether nobody can read it any more.
    [[nodiscard]] bool erase_content() const noexcept;

private:
    [[noreturn]] void fail(const char* what) const;

    std::filesystem::path path_;
    int file_;
};

/// Throws what `errno` says of `file`.
[[noreturn]] void throw_file_error(const char* what, const std::filesystem::path& file);

}  // namespace quivive::detail
