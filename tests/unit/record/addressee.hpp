#pragma once

#include "known_answers.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <memory>

namespace quivive::test {

/// The association that receives a known answer. It can open the record, and its next record has the same
/// number.
struct addressee {
    explicit addressee(const known_answer& answer) : addressee{answer, answer.id} {}
    /// Uses `own` as its own id in place of the record's id.
    addressee(const known_answer& answer, wire::bytes own)
        : protection{answer.keys(), 1'400, std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2),
                     ids_of(own)}
    {
    }

    record::opened open(const wire::record_view& record)
    {
        std::ranges::fill(plaintext, std::byte{0});
        return protection.open(record, plaintext, {}, out);
    }
    [[nodiscard]] bool nothing_left() const
    {
        return std::ranges::all_of(plaintext, [](std::byte b) { return b == std::byte{0}; });
    }

    queue_outbox out;
    record::detached_protection protection;
    octets plaintext = octets(300);

private:
    static std::unique_ptr<const record::connection_ids> ids_of(wire::bytes own)
    {
        if (own.empty()) return nullptr;
        auto ids = std::make_unique<record::connection_ids>();
        ids->own = wire::own_connection_id{own};
        ids->checks_paths = true;
        return ids;
    }
};

}  // namespace quivive::test
