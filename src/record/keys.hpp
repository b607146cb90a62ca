#pragma once

#include "record/cipher.hpp"
#include "record/replay_window.hpp"
#include "wire/bytes.hpp"
#include "wire/record.hpp"
#include "wire/wipe.hpp"

#include <algorithm>

namespace quivive::record {

/// Key and IV of one direction. Wiped on destruction.
class direction_keys {
public:
    direction_keys() = default;
    direction_keys(wire::bytes key, wire::bytes iv) noexcept
    {
        std::ranges::copy(key.first(std::min(key.size(), key_.size())), key_.begin());
        std::ranges::copy(iv.first(std::min(iv.size(), iv_.size())), iv_.begin());
    }
    direction_keys(const direction_keys&) = default;
    direction_keys& operator=(const direction_keys&) = default;
    ~direction_keys()
    {
        wire::wipe(key_);
        wire::wipe(iv_);
    }

    [[nodiscard]] wire::bytes key(cipher which) const noexcept
    {
        return wire::bytes{key_}.first(traits_of(which).key_size);
    }
    /// Only the first `iv_size` bytes are significant.
    [[nodiscard]] const std::array<std::byte, 12>& iv() const noexcept { return iv_; }

private:
    std::array<std::byte, 32> key_{};
    std::array<std::byte, 12> iv_{};
};

/// Keys and counters that protect the records of one association after its handshake.
struct session_keys {
    record::cipher cipher{};
    direction_keys read, write;
    /// Maximum bytes sealed in one record, as limited by the peer (RFC 6066 4, RFC 8449 4).
    std::uint16_t size_limit = wire::max_record_plaintext;
    std::uint64_t next_write = 0;  ///< epoch (16 bits) and sequence number of the next record to be sealed
    replay_window window;          ///< records received in this epoch
    std::uint64_t blocks = 0;      ///< blocks of 16 bytes sealed so far
    std::uint64_t forgeries = 0;   ///< records that did not verify
};

}  // namespace quivive::record
