#pragma once

#include "wire/outbox.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace quivive::tls {

/// The last flight that this side sent, kept as bytes to be repeated (RFC 6347 4.2.4). GnuTLS's own
/// retransmission is switched off: its clock is the wall clock, its back-off overflows, and it knows no
/// budget.
///
/// Records are packed into datagrams of at most `mtu` bytes; a handshake message that needs more is cut into
/// fragments here (RFC 6347 4.2.3), since GnuTLS sends nothing at all of a flight of 32 records or more.
/// Records of epoch 0 take their sequence numbers from this object's own counter, also when repeated, since a
/// repeat is a new record (RFC 6347 4.2.2). Protected ones get theirs by `renew`.
///
/// The largest part of a server's flight is its certificate, the same for all peers: `leave_out` has it kept
/// once for all of them.
class flight {
public:
    flight(std::size_t mtu, std::uint64_t first_sequence) noexcept
        : mtu_{std::max(mtu, smallest_mtu)}, next_sequence_{first_sequence}
    {
    }

    /// One that was kept elsewhere, to be repeated as it is: whole records, for a peer whose connection id
    /// has `id_size` bytes. Its counter goes on where theirs has stopped. Empty when they are no whole
    /// records.
    flight(std::vector<std::byte> records, std::size_t id_size) noexcept;

    /// Begins the next flight: forgets the records of the former one, keeps counting sequence numbers.
    void begin() noexcept;
    /// Adds one whole record as GnuTLS made it.
    void add(wire::bytes record);

    /// The peer's connection id is in records of tls12_cid that are added from now on.
    void use_id_of(std::size_t size) noexcept { id_size_ = size; }
    [[nodiscard]] std::size_t id_size() const noexcept { return id_size_; }

    /// Its records as they are, one after the other. For one of which nothing is left out.
    [[nodiscard]] wire::bytes records() const noexcept { return records_; }

    [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
    /// Of the bytes that it keeps.
    [[nodiscard]] std::size_t size_bytes() const noexcept { return records_.size(); }

    /// Calls `protect(std::span<std::byte> record)` for each protected record, to be protected anew in place:
    /// before each repeat.
    template <typename Protect>
    void renew(Protect protect)
    {
        for_each_record([&](std::span<std::byte> record) {
            if (!is_plaintext(record)) protect(record);
        });
    }

    /// Sends, or repeats, all of it. Nothing leaves when the 48 bits of the sequence numbers are used up,
    /// which must not begin again (RFC 6347 4.1); nor when something was left out and there is no memory.
    void send(const wire::path& path, wire::outbox& out) noexcept;

    /// Makes smaller datagrams from now on, of at most `mtu` bytes.
    void limit(std::size_t mtu) noexcept;

    /// Keeps no copy of the body of the Certificate message, if it is this `body`, which must stay for as
    /// long as these records do; and frees what former flights have needed more.
    void leave_out(wire::bytes body) noexcept;

    /// Frees the bytes.
    void forget() noexcept;

private:
    /// A fragment of some use beside its two headers.
    static constexpr std::size_t smallest_mtu = 64;

    [[nodiscard]] static bool is_plaintext(wire::bytes record) noexcept;
    [[nodiscard]] static std::uint64_t sequence_of(wire::bytes record) noexcept;
    /// Whether it is a fragment of a Certificate in the clear.
    [[nodiscard]] static bool is_certificate(wire::bytes record) noexcept;
    /// The part of the left out body that belongs into this fragment; of another body, nothing or less.
    [[nodiscard]] static wire::bytes part_for(wire::bytes record, wire::bytes body) noexcept;
    [[nodiscard]] std::size_t size_of_first(wire::bytes records) const noexcept;
    void append(wire::bytes bytes) { records_.insert(records_.end(), bytes.begin(), bytes.end()); }
    void add_in_fragments(wire::bytes record);
    /// All of it, with what was left out.
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
    std::vector<std::byte> records_;  ///< one after the other, whole ones but for what is left out
    wire::bytes left_out_;            ///< the body of the Certificate; empty: nothing is
};

}  // namespace quivive::tls
