#pragma once

#include "quivive/credentials.hpp"
#include "tls/text_file.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace quivive::tls {

/// What an implementation has to take (RFC 4279 5.3, RFC 7925 4.2). More is refused.
inline constexpr std::size_t max_psk_identity = 128;
inline constexpr std::size_t max_psk_key = 64;

/// The keys of a PSK file.
class psk_table {
public:
    /// The key of an identity, or null.
    [[nodiscard]] const secret* find(std::string_view identity) const;
    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }

    /// False, and nothing done, when the identity is there already.
    bool add(std::string_view identity, secret key);

private:
    struct text_hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, secret, text_hash, std::equal_to<>> keys_;
};

/// Reads lines of `identity:hexkey`. The key begins after the last colon, so that an identity may have some;
/// space around a line is no part of it; empty lines and those that begin with `#` are skipped. `place` is
/// the file's name; what is wrong goes to `problems` with the number of its line, and never with a key. Keys
/// of fewer than 16 bytes add one sentence to `warnings`.
[[nodiscard]] psk_table parse_psk(std::string_view text, const std::string& place, problem_list& problems,
                                  std::vector<std::string>& warnings);

/// The same of a file that nobody else may read (`file_use::psk`).
[[nodiscard]] psk_table load_psk_file(const std::string& path, problem_list& problems,
                                      std::vector<std::string>& warnings);

}  // namespace quivive::tls
