#pragma once

#include "record/detached_protection.hpp"
#include "support/tls_pair.hpp"

#include <string>
#include <vector>

namespace quivive::test {

/// A record of a file in vectors/ (README.md there), with the keys that sealed it.
struct known_answer {
    std::string by, cipher_name;
    record::cipher cipher{};
    octets key, iv, id;
    std::uint64_t number = 0;
    wire::content_type type{};  ///< 0: an inner form without one
    octets plaintext;
    std::size_t padding = 0;
    octets record;

    /// Of the header: what stands before the payload.
    [[nodiscard]] std::size_t header_size() const { return wire::record_header_size + id.size(); }
    /// The explicit nonce as it stands in the record.
    [[nodiscard]] wire::bytes explicit_nonce() const
    {
        return wire::bytes{record}.subspan(header_size(), record::traits_of(cipher).explicit_nonce);
    }
    [[nodiscard]] bool nonce_is_the_number() const
    {
        const auto nonce = explicit_nonce();
        return nonce.empty() || wire::reader{nonce}.integer(8) == number;
    }
    [[nodiscard]] record::session_keys keys() const
    {
        return {cipher, {key, iv}, {key, iv}, wire::max_record_plaintext, number, {}};
    }
};

/// All of `vectors/NAME.txt`. Throws what ends a test when a line cannot be read.
[[nodiscard]] std::vector<known_answer> answers_of(const std::string& name);

/// Of hexadecimal digits, of which "-" is none.
[[nodiscard]] octets hex(const std::string& text);

/// For a report.
[[nodiscard]] std::string name_of(const known_answer& answer);

}  // namespace quivive::test
