#include "tls/flight.hpp"

#include "wire/handshake.hpp"
#include "wire/record.hpp"

#include <array>
#include <new>
#include <utility>
#include <variant>

namespace quivive::tls {

namespace {

using wire::handshake_header_size;
using wire::record_header_size;

constexpr std::size_t epoch_at = 3, sequence_at = 5, length_at = 11;
constexpr std::uint64_t last_sequence = (std::uint64_t{1} << 48) - 1;

/// The headers of a record that holds one fragment.
using fragment_headers = std::array<std::byte, record_header_size + handshake_header_size>;

fragment_headers make_headers(wire::bytes record, const wire::handshake_view& whole, std::size_t offset,
                              std::size_t size)
{
    fragment_headers headers;
    wire::copy(record.first(headers.size()), headers);
    const std::span<std::byte> all{headers};
    wire::write_integer(all.subspan(length_at, 2), handshake_header_size + size);
    const auto message = all.subspan(record_header_size);
    wire::write_integer(message.subspan(6, 3), whole.fragment_offset + offset);
    wire::write_integer(message.subspan(9, 3), size);
    return headers;
}

}  // namespace

/// RFC 6347 4.1.2.6: a peer may drop a number of epoch 0 that it has already received. No number is reused,
/// whichever process has used it.
flight::flight(std::vector<std::byte> records, std::size_t id_size) noexcept
    : mtu_{smallest_mtu}, id_size_{id_size}, next_sequence_{0}, records_{std::move(records)}
{
    for (wire::record_cutter cutter{records_, id_size}; !cutter.done();) {
        if (std::holds_alternative<wire::record_view>(cutter.next())) continue;
        records_.clear();
        return;
    }
    for_each_record([&](wire::bytes record) {
        if (is_plaintext(record)) next_sequence_ = std::max(next_sequence_, sequence_of(record) + 1);
    });
}

bool flight::is_plaintext(wire::bytes record) noexcept
{
    wire::reader epoch{record.subspan(epoch_at)};
    return epoch.u16() == 0;
}

std::uint64_t flight::sequence_of(wire::bytes record) noexcept
{
    wire::reader sequence{record.subspan(sequence_at)};
    return sequence.integer(6);
}

bool flight::is_certificate(wire::bytes record) noexcept
{
    return record.size() >= fragment_headers{}.size() && is_plaintext(record) &&
           static_cast<wire::content_type>(record.front()) == wire::content_type::handshake &&
           static_cast<wire::handshake_type>(record[record_header_size]) == wire::handshake_type::certificate;
}

wire::bytes flight::part_for(wire::bytes record, wire::bytes body) noexcept
{
    wire::reader place{record.subspan(record_header_size + 6, 6)};
    const auto offset = std::min<std::size_t>(place.integer(3), body.size());
    return body.subspan(offset, std::min<std::size_t>(place.integer(3), body.size() - offset));
}

std::size_t flight::size_of_first(wire::bytes records) const noexcept
{
    if (!left_out_.empty() && is_certificate(records)) return fragment_headers{}.size();
    const bool has_id = static_cast<wire::content_type>(records.front()) == wire::content_type::tls12_cid;
    const auto id = has_id ? id_size_ : 0;
    wire::reader length{records.subspan(length_at + id)};
    return std::min<std::size_t>(record_header_size + id + length.u16(), records.size());
}

void flight::begin() noexcept
{
    records_.clear();
    left_out_ = {};
}

void flight::add(wire::bytes record)
{
    const auto type = static_cast<wire::content_type>(record.front());
    if (record.size() > mtu_ && is_plaintext(record) && type == wire::content_type::handshake)
        add_in_fragments(record);
    else
        append(record);
}

/// GnuTLS puts one message, or one fragment of it, into a record.
void flight::add_in_fragments(wire::bytes record)
{
    wire::reader in{record.subspan(record_header_size)};
    const auto message = wire::read_handshake(in);
    const auto room = mtu_ - record_header_size - handshake_header_size;
    for (std::size_t offset = 0; offset < message.body.size(); offset += room) {
        const auto size = std::min(room, message.body.size() - offset);
        append(make_headers(record, message, offset, size));
        append(message.body.subspan(offset, size));
    }
}

void flight::leave_out(wire::bytes body) noexcept
{
    bool all = left_out_.empty() && !body.empty(), any = false;
    for_each_record([&](wire::bytes record) {
        if (!is_certificate(record)) return;
        any = true;
        all = all && wire::equal(record.subspan(fragment_headers{}.size()), part_for(record, body));
    });
    if (all && any) {
        std::size_t end = 0;
        for_each_record([&](wire::bytes record) {
            if (is_certificate(record)) record = record.first(fragment_headers{}.size());
            wire::copy(record, std::span{records_}.subspan(end));  // never to the right of the source
            end += record.size();
        });
        records_.resize(end);
        left_out_ = body;
    }
    records_.shrink_to_fit();
}

flight flight::whole() const
{
    flight all{mtu_, next_sequence_};
    all.use_id_of(id_size_);
    for (wire::bytes rest{records_}; !rest.empty();) {
        const auto record = rest.first(size_of_first(rest));
        all.append(record);
        if (is_certificate(record)) all.append(part_for(record, left_out_));
        rest = rest.subspan(record.size());
    }
    return all;
}

void flight::send(const wire::path& path, wire::outbox& out) noexcept
try {
    if (left_out_.empty()) return send_whole(path, out);
    auto all = whole();
    all.send_whole(path, out);
    next_sequence_ = all.next_sequence_;
} catch (const std::bad_alloc&) {  // lost, as on the network
}

void flight::send_whole(const wire::path& path, wire::outbox& out) noexcept
{
    for_each_record([&](std::span<std::byte> record) {
        if (is_plaintext(record)) wire::write_integer(record.subspan(sequence_at, 6), next_sequence_++);
    });
    if (next_sequence_ > last_sequence + 1) return;

    for (wire::bytes rest{records_}; !rest.empty();) {
        auto datagram = size_of_first(rest);
        while (datagram < rest.size() && datagram + size_of_first(rest.subspan(datagram)) <= mtu_)
            datagram += size_of_first(rest.subspan(datagram));
        out.send(path, rest.first(datagram));
        rest = rest.subspan(datagram);
    }
}

void flight::limit(std::size_t mtu) noexcept
try {
    if (mtu >= mtu_) return;
    flight smaller{mtu, next_sequence_};
    smaller.use_id_of(id_size_);
    auto all = whole();
    all.for_each_record([&](wire::bytes record) { smaller.add(record); });
    smaller.leave_out(left_out_);
    *this = std::move(smaller);
} catch (const std::bad_alloc&) {  // the flight stays as before
}

void flight::clear() noexcept
{
    begin();
    records_.shrink_to_fit();
}

}  // namespace quivive::tls
