#pragma once

#include "quivive/credentials.hpp"
#include "tls/text_file.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace quivive::tls {

/// The length that an implementation must support (RFC 4279 5.3, RFC 7925 4.2). A longer identity is refused.
inline constexpr std::size_t max_psk_identity = 128;
inline constexpr std::size_t max_psk_key = 64;

/// The keys of a PSK file.
class psk_table {
public:
    /// Returns the key of an identity, or null.
    [[nodiscard]] const secret* find(std::string_view identity) const;
    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }

    /// Adds a key. Returns false, and changes nothing, when the identity exists already.
    bool add(std::string_view identity, secret key);

private:
    struct text_hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    std::unordered_map<std::string, secret, text_hash, std::equal_to<>> keys_;
};

/// Parses lines of `identity:hexkey`. The key begins after the last colon, so that an identity may contain
/// colons. Space around a line is ignored. Empty lines and lines that begin with `#` are skipped. `place` is
/// the file's name. Faults go to `problems` with the line number, and never with a key. Keys of fewer than 16
/// bytes add one sentence to `warnings`.
[[nodiscard]] psk_table parse_psk(std::string_view text, const std::string& place, problem_list& problems,
                                  std::vector<std::string>& warnings);

/// Parses a file that no other user may read (`file_use::psk`).
[[nodiscard]] psk_table load_psk_file(const std::string& path, problem_list& problems,
                                      std::vector<std::string>& warnings);

}  // namespace quivive::tls
