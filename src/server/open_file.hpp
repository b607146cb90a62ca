#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

namespace quivive::runtime {

/// An open file descriptor.
class open_file {
public:
    /// Takes the descriptor that `open` returned for `path`. Throws for an invalid descriptor, with the error
    /// in `errno`. All functions except `erase_content` throw `std::filesystem::filesystem_error`.
    open_file(int descriptor, std::filesystem::path path);
    ~open_file();
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;

    [[nodiscard]] std::vector<std::byte> read() const;
    /// Writes at the current position: the end of the last write, or the end of the file with O_APPEND.
    void write(std::span<const std::byte> bytes) const;
    /// Syncs the content to the disk.
    void sync() const;
    /// Waits for an exclusive lock (flock) and holds it while the file is open.
    void lock() const;
    /// Truncates the file and tries to sync that. Returns whether the content is gone.
    [[nodiscard]] bool erase_content() const noexcept;

private:
    [[noreturn]] void fail(const char* what) const;

    std::filesystem::path path_;
    int file_;
};

/// Throws `std::filesystem::filesystem_error` for `file`, with the error in `errno`.
[[noreturn]] void throw_file_error(const char* what, const std::filesystem::path& file);

}  // namespace quivive::runtime
