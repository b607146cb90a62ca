#pragma once

#include "record/aead.hpp"
#include "wire/secret_bytes.hpp"

#include <cstdint>
#include <vector>

namespace quivive::record {

/// Cache of the AEAD ciphers of active sessions. A cipher takes at least 600 bytes, and 150 ns to create. An
/// idle session therefore holds no cipher, and an active session does not create one for each record.
///
/// The cache has a fixed number of slots and evicts by the clock algorithm. A session that has lost its
/// slot creates its cipher again. It takes a slot that was not used for a full round of the clock hand. Not
/// thread-safe: each shard has its own cache.
class aead_cache {
public:
    /// `slots` is at least 1.
    aead_cache(aead_maker maker, std::size_t slots) : make_{maker}, slots_(slots > 0 ? slots : 1) {}
    aead_cache(const aead_cache&) = delete;
    aead_cache& operator=(const aead_cache&) = delete;

    /// The slot that an owner's cipher was last stored in. Only meaningful to that owner.
    using slot = std::uint32_t;
    static constexpr slot nowhere = ~slot{0};

    /// Returns the cipher of `owner`, which is identified by its address. The pointer is valid until the next
    /// call. Returns null when the cipher cannot be created.
    [[nodiscard]] aead* find(slot& last, const void* owner, cipher which, wire::bytes key) noexcept
    {
        if (last < slots_.size() && slots_[last].owner == owner) {
            slots_[last].used = true;
            return slots_[last].held.get();
        }
        return make(last, owner, which, key);
    }

    /// Frees the slot of `owner`. Must be called before `owner` is destroyed.
    void give_back(slot last, const void* owner) noexcept;

    /// Returns `size` bytes of memory for the record to be sealed, or an empty span when memory is exhausted.
    /// A caller that writes plaintext there must wipe it.
    [[nodiscard]] std::span<std::byte> scratch(std::size_t size) noexcept;

private:
    struct holder {
        const void* owner = nullptr;
        bool used = false;
        std::unique_ptr<aead> held;
    };

    [[nodiscard]] aead* make(slot& last, const void* owner, cipher which, wire::bytes key) noexcept;
    [[nodiscard]] slot next_unused() noexcept;

    aead_maker make_;
    std::vector<holder> slots_;
    std::size_t hand_ = 0;
    wire::secret_bytes scratch_;
};

}  // namespace quivive::record
