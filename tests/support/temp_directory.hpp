#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace quivive::test {

/// A test's own directory, removed with all its contents.
class temp_directory {
public:
    temp_directory()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "quivive-test-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"cannot make " + pattern};
        path_ = pattern;
    }
    temp_directory(const temp_directory&) = delete;
    temp_directory& operator=(const temp_directory&) = delete;
    ~temp_directory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    /// Returns the full name of a file in it, which need not exist.
    [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

    /// Writes a file that only the user may read, and returns its full name.
    [[nodiscard]] std::string write(std::string_view name, std::string_view content) const
    {
        const auto full = file(name);
        std::ofstream out{full, std::ios::binary};
        std::filesystem::permissions(full, std::filesystem::perms{0600});
        out << content;
        if (!out.flush()) throw std::runtime_error{"cannot write " + full};
        return full;
    }

private:
    std::filesystem::path path_;
};

}  // namespace quivive::test
