#pragma once

#include "fake_aead.hpp"
#include "record/detached_protection.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_pair.hpp"
#include "unit/record/known_answers.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace quivive::test {

inline constexpr std::uint64_t epoch_1 = std::uint64_t{1} << 48;

/// An end whose peer has the same key in both directions, so that the end can open its own records.
struct detached_end {
    explicit detached_end(record::cipher which, std::uint64_t next_write = epoch_1 + 1)
        : detached_end{record::session_keys{which,
                                            {counting(32, 0x80), counting(12, 0xf0)},
                                            {counting(32, 0x80), counting(12, 0xf0)},
                                            wire::max_record_plaintext,
                                            next_write,
                                            {}}}
    {
    }
    explicit detached_end(const record::session_keys& with,
                          std::unique_ptr<const record::connection_ids> ids = nullptr)
        : keys{with}, protection{keys, 1'400, ciphers, std::move(ids)}
    {
    }

    octets sealed_message(std::string_view message)
    {
        REQUIRE(protection.seal(wire::as_bytes(message), {}, out) == record::sealed::sent);
        return out.datagrams.back();
    }
    record::opened open(const octets& datagram)
    {
        return protection.open(wire::first_record(datagram).value(), plaintext, {}, out);
    }
    /// Returns an authentic record of the peer.
    octets from_peer(wire::content_type type, const octets& text, std::uint64_t sequence)
    {
        const auto traits = record::traits_of(keys.cipher);
        auto payload = octets(traits.explicit_nonce);
        payload.insert(payload.end(), text.begin(), text.end());
        payload.insert(payload.end(), traits.tag_size, std::byte{0x80});
        return make_record(type, payload, 1, sequence);
    }

    aead_calls& calls = aead_calls::begin();
    record::session_keys keys;
    queue_outbox out;
    std::shared_ptr<record::aead_cache> ciphers = std::make_shared<record::aead_cache>(fake_aead::make, 4);
    record::detached_protection protection;
    octets plaintext = octets(20'000);
};

}  // namespace quivive::test
