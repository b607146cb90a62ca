#pragma once

#include "wire/outbox.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace quivive::tls {

/// The last flight that this side sent, kept as bytes for retransmission (RFC 6347 4.2.4). GnuTLS's own
/// retransmission is switched off: it uses the wall clock, its back-off overflows, and it has no
/// amplification limit.
///
/// Records are packed into datagrams of at most `mtu` bytes. A larger handshake message is split into
/// fragments here (RFC 6347 4.2.3), since GnuTLS sends nothing at all of a flight of 32 records or more.
/// Records of epoch 0 take their sequence numbers from this object's own counter. They take new ones when
/// retransmitted, since a retransmission is a new record (RFC 6347 4.2.2). Protected ones get new numbers
/// from `renew`.
///
/// The largest part of a server's flight is its certificate, which is the same for all peers: `leave_out`
/// stores it once for all of them.
class flight {
public:
    flight(std::size_t mtu, std::uint64_t first_sequence) noexcept
        : mtu_{std::max(mtu, smallest_mtu)}, next_sequence_{first_sequence}
    {
    }

    /// Restores a flight that was kept elsewhere, to retransmit it unchanged. The flight consists of whole
    /// records, for a peer whose connection id has `id_size` bytes. The counter continues after the last
    /// number of these records. The flight is empty when `records` are not whole records.
    flight(std::vector<std::byte> records, std::size_t id_size) noexcept;

    /// Begins the next flight: discards the records of the former one, and keeps counting sequence numbers.
    void begin() noexcept;
    /// Adds one whole record as GnuTLS produced it.
    void add(wire::bytes record);

    /// Sets the size of the peer's connection id in tls12_cid records that are added from now on.
    void use_id_of(std::size_t size) noexcept { id_size_ = size; }
    [[nodiscard]] std::size_t id_size() const noexcept { return id_size_; }

    /// Returns the stored records in sequence. Precondition: nothing is left out of the flight.
    [[nodiscard]] wire::bytes records() const noexcept { return records_; }

    [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
    /// Returns the number of stored bytes.
    [[nodiscard]] std::size_t size_bytes() const noexcept { return records_.size(); }

    /// Calls `protect(std::span<std::byte> record)` for each protected record, to protect it again in place.
    /// Runs before each retransmission.
    template <typename Protect>
    void renew(Protect protect)
    {
        for_each_record([&](std::span<std::byte> record) {
            if (!is_plaintext(record)) protect(record);
        });
    }

    /// Sends or retransmits the whole flight. Sends nothing when the 48 bits of the sequence numbers are
    /// exhausted: they must not wrap (RFC 6347 4.1). Also sends nothing when a part was left out and memory
    /// is exhausted.
    void send(const wire::path& path, wire::outbox& out) noexcept;

    /// Limits datagrams to at most `mtu` bytes from now on.
    void limit(std::size_t mtu) noexcept;

    /// Stores no copy of the body of the Certificate message if it equals `body`. `body` must outlive these
    /// records. Also frees the excess memory of former flights.
    void leave_out(wire::bytes body) noexcept;

    /// Frees the bytes.
    void clear() noexcept;

private:
    /// Leaves space for a useful fragment after its two headers.
    static constexpr std::size_t smallest_mtu = 64;

    [[nodiscard]] static bool is_plaintext(wire::bytes record) noexcept;
    [[nodiscard]] static std::uint64_t sequence_of(wire::bytes record) noexcept;
    /// Returns true for a fragment of an unencrypted Certificate.
    [[nodiscard]] static bool is_certificate(wire::bytes record) noexcept;
    /// Returns the part of the left-out body that belongs into this fragment. For a different body, returns
    /// nothing or less.
    [[nodiscard]] static wire::bytes part_for(wire::bytes record, wire::bytes body) noexcept;
    [[nodiscard]] std::size_t size_of_first(wire::bytes records) const noexcept;
    void append(wire::bytes bytes) { records_.insert(records_.end(), bytes.begin(), bytes.end()); }
    void add_in_fragments(wire::bytes record);
    /// Returns a copy of the flight with the left-out part restored.
    [[nodiscard]] flight whole() const;
    void send_whole(const wire::path& path, wire::outbox& out) noexcept;

    template <typename Visit>
    void for_each_record(Visit visit)
    {
        for (std::span<std::byte> rest{records_}; !rest.empty();) {
            const auto size = size_of_first(rest);
            visit(rest.first(size));
            rest = rest.subspan(size);
        }
    }

    std::size_t mtu_;
    std::size_t id_size_ = 0;
    std::uint64_t next_sequence_;
    std::vector<std::byte> records_;  ///< whole records in sequence, without the left-out bodies
    wire::bytes left_out_;            ///< the body of the Certificate; empty: nothing is left out
};

}  // namespace quivive::tls
