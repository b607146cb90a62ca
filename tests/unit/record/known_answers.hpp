#pragma once

#include "record/detached_protection.hpp"
#include "support/tls_pair.hpp"

#include <string>
#include <vector>

namespace quivive::test {

/// A record of a file in vectors/ (see README.md there), with the keys that sealed it.
struct known_answer {
    std::string by, cipher_name;
    record::cipher cipher{};
    octets key, iv, id;
    std::uint64_t number = 0;
    wire::content_type type{};  ///< 0: inner plaintext without a type
    octets plaintext;
    std::size_t padding = 0;
    octets record;

    /// Size of the header in front of the payload.
    [[nodiscard]] std::size_t header_size() const { return wire::record_header_size + id.size(); }
    /// The explicit nonce of the record.
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

/// Returns all records of `vectors/NAME.txt`. Throws if a line cannot be parsed, which ends the test.
[[nodiscard]] std::vector<known_answer> answers_of(const std::string& name);

/// Decodes hexadecimal digits; "-" stands for no bytes.
[[nodiscard]] octets hex(const std::string& text);

/// Returns a description of `answer` for failure messages.
[[nodiscard]] std::string name_of(const known_answer& answer);

}  // namespace quivive::test
