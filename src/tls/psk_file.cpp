#include "tls/psk_file.hpp"

#include <variant>

namespace quivive::tls {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // some editors write it at the start of a file

std::string_view trimmed(std::string_view text) noexcept
{
    constexpr std::string_view space = " \t\r\v\f";
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

struct psk_line {
    std::string_view identity;
    secret key;
};

/// Parses a line that is neither empty nor a comment. Returns its content, or the fault.
std::variant<psk_line, const char*> parse_line(std::string_view line)
{
    const auto colon = line.rfind(':');
    if (colon == std::string_view::npos) return "has no colon; expected identity:hexkey";
    const auto identity = line.substr(0, colon);
    if (identity.empty()) return "the identity is empty; expected identity:hexkey";
    if (identity.size() > max_psk_identity) return "the identity is longer than 128 bytes";
    if (identity.find('\0') != std::string_view::npos) return "the identity has a NUL";
    auto key = secret::from_hex(line.substr(colon + 1));
    if (!key) return "the key is not pairs of hex digits, as in 00ff10";
    if (key->bytes().size() > max_psk_key) return "the key is longer than 64 bytes";
    return psk_line{identity, std::move(*key)};
}

/// Keys that an attacker can find by exhaustive search, after recording a handshake (RFC 4279 7.2).
class short_keys {
public:
    void look(std::size_t line, std::size_t bytes) noexcept
    {
        if (bytes >= min_bytes) return;
        if (count_++ > 0) return;
        line_ = line;
        bytes_ = bytes;
    }
    void tell(const std::string& place, std::vector<std::string>& warnings) const
    {
        if (count_ == 0) return;
        const auto more =
            count_ == 1 ? "" : " (and " + std::to_string(count_ - 1) + " more lines have such keys)";
        warnings.push_back(
            place + ":" + std::to_string(line_) + ": the key has " + std::to_string(bytes_) +
            " bytes; an attacker who records a handshake can find so short a key by exhaustive "
            "search; use 16 or more random bytes" +
            more);
    }

private:
    static constexpr std::size_t min_bytes = 16;

    std::size_t count_ = 0;
    std::size_t line_ = 0;  ///< line of the first such key
    std::size_t bytes_ = 0;
};

}  // namespace

const secret* psk_table::find(std::string_view identity) const
{
    const auto found = keys_.find(identity);
    return found == keys_.end() ? nullptr : &found->second;
}

bool psk_table::add(std::string_view identity, secret key)
{
    return keys_.try_emplace(std::string{identity}, std::move(key)).second;
}

psk_table parse_psk(std::string_view text, const std::string& place, problem_list& problems,
                    std::vector<std::string>& warnings)
{
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    psk_table table;
    short_keys weak;
    bool tried = false;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = trimmed(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#') continue;

        tried = true;
        const auto complain = [&](const char* what) {
            problems.push_back(place + ":" + std::to_string(number) + ": " + what);
        };
        auto parsed = parse_line(line);
        if (const auto* fault = std::get_if<const char*>(&parsed)) {
            complain(*fault);
            continue;
        }
        auto& [identity, key] = std::get<psk_line>(parsed);
        weak.look(number, key.bytes().size());
        if (!table.add(identity, std::move(key)))
            complain("an earlier line already has a key for this identity; remove one of them");
    }
    weak.tell(place, warnings);
    if (!tried) problems.push_back(place + ": holds no key; expected lines of identity:hexkey");
    return table;
}

psk_table load_psk_file(const std::string& path, problem_list& problems, std::vector<std::string>& warnings)
{
    const auto content = read_file(path, file_use::psk, problems);
    return content ? parse_psk(content->text(), path, problems, warnings) : psk_table{};
}

}  // namespace quivive::tls
