#pragma once

#include "record/aead.hpp"
#include "wire/secret_bytes.hpp"

#include <cstdint>
#include <vector>

namespace quivive::record {

/// The ciphers of the sessions that are busy. One costs 600 bytes and more, and 150 ns to make: so a session
/// that is silent holds none, and one that talks does not make one for each record.
///
/// A fixed number of places, given out by the clock algorithm: whoever finds its own place taken by another
/// makes its cipher anew, in the place of one that was not used for a whole turn. Not thread-safe: one for
/// each shard.
class aead_cache {
public:
    /// `places` is at least 1.
    aead_cache(aead_maker maker, std::size_t places) : make_{maker}, places_(places > 0 ? places : 1) {}
    aead_cache(const aead_cache&) = delete;
    aead_cache& operator=(const aead_cache&) = delete;

    /// Where one's cipher was last; meaningless to others.
    using place = std::uint32_t;
    static constexpr place nowhere = ~place{0};

    /// The cipher of `owner`, whose address tells it from all others, good until the next call. Null when it
    /// cannot be made.
    [[nodiscard]] aead* find(place& last, const void* owner, cipher which, wire::bytes key) noexcept
    {
        if (last < places_.size() && places_[last].owner == owner) {
            places_[last].used = true;
            return places_[last].held.get();
        }
        return make(last, owner, which, key);
    }

    /// To be called before `owner` dies.
    void give_back(place last, const void* owner) noexcept;

    /// Memory for the record that is being sealed, of `size` bytes; empty when there is none. Whoever puts a
    /// text there wipes it.
    [[nodiscard]] std::span<std::byte> scratch(std::size_t size) noexcept;

private:
    struct holder {
        const void* owner = nullptr;
        bool used = false;
        std::unique_ptr<aead> held;
    };

    [[nodiscard]] aead* make(place& last, const void* owner, cipher which, wire::bytes key) noexcept;
    [[nodiscard]] place next_unused() noexcept;

    aead_maker make_;
    std::vector<holder> places_;
    std::size_t hand_ = 0;
    wire::secret_bytes scratch_;
};

}  // namespace quivive::record
