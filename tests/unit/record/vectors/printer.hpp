#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

/// Shared parts of the generators: capturing records and printing the lines of a vector file.
namespace vectors {

using octets = std::vector<std::uint8_t>;

/// Outgoing data of one end. In memory no datagram is lost or reordered.
struct wire {
    octets bytes;

    void put(const void* data, std::size_t size)
    {
        const auto* const from = static_cast<const std::uint8_t*>(data);
        bytes.insert(bytes.end(), from, from + size);
    }
    octets take() { return std::move(bytes); }
};

inline std::string hex(const std::uint8_t* data, std::size_t size)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text.append({digits[data[i] >> 4], digits[data[i] & 15]});
    return text.empty() ? "-" : text;
}
inline std::string hex(const octets& data) { return hex(data.data(), data.size()); }

inline void print_title(const std::string& by)
{
    std::printf("# Records that sessions of %s have sealed. README.md says how they were made.\n",
                by.c_str());
}

inline void print_keys(std::string_view by, std::string_view cipher, const octets& key, const octets& iv)
{
    std::printf("\nby %.*s\ncipher %.*s\nkey %s\niv %s\n", static_cast<int>(by.size()), by.data(),
                static_cast<int>(cipher.size()), cipher.data(), hex(key).c_str(), hex(iv).c_str());
}

/// Prints `record`, one whole DTLS 1.2 record that was just sealed. Prints nothing when it is empty.
inline void print_record(const octets& record, std::string_view plaintext)
{
    if (record.empty()) return;
    const auto* const text = reinterpret_cast<const std::uint8_t*>(plaintext.data());
    std::printf("\nnumber %s\ntype %u\nplaintext %s\nrecord %s\n", hex(record.data() + 3, 8).c_str(),
                record[0], hex(text, plaintext.size()).c_str(), hex(record).c_str());
}

/// The messages that each generator sends, followed by a close_notify: shorter than a block, longer than a
/// block, empty.
inline const std::string_view messages[] = {"hello", "said by a stranger", ""};
inline const std::string_view close_notify{"\1\0", 2};

/// Any value works.
inline constexpr std::uint8_t psk[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

}  // namespace vectors
