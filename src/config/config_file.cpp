#include "quivive/config_file.hpp"

#include "config/document.hpp"
#include "config/file_reader.hpp"
#include "quivive/error.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace quivive {

namespace {

constexpr std::size_t max_bytes = 1'048'576;

config_error unreadable(const std::filesystem::path& path, const std::string& why)
{
    return config_error{path.string() + ": cannot be read: " + why};
}

// Reads at most one byte more than allowed, which is enough to detect a file that is too long.
std::string content_of(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        throw unreadable(path, "it is a directory; give the path of a TOML file");
    errno = 0;
    std::ifstream file{path, std::ios::binary};
    std::string text(max_bytes + 1, '\0');
    if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!file && !file.eof())
        throw unreadable(path, std::generic_category().message(errno != 0 ? errno : EIO));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace

config_file read_config_file(const std::filesystem::path& path, const config_change& change)
{
    return parse_config(content_of(path), path, change);
}

config_file parse_config(std::string_view text, const std::filesystem::path& name,
                         const config_change& change)
{
    if (text.size() > max_bytes)
        throw config_error{name.string() + ": is longer than 1 MiB, the maximum size of a configuration"};
    return config::file_reader{name}.read(config::parse_document(text, name.string()), change);
}

server_config load_config(const std::filesystem::path& path) { return read_config_file(path).server; }

}  // namespace quivive
