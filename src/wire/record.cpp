#include "wire/record.hpp"

namespace quivive::wire {

namespace {

constexpr bool known_type(std::uint8_t type) noexcept
{
    return type >= static_cast<std::uint8_t>(content_type::change_cipher_spec) &&
           type <= static_cast<std::uint8_t>(content_type::tls12_cid);
}

}  // namespace

std::variant<record_view, drop_reason> record_cutter::next() noexcept
{
    reader in{rest_};
    const auto all = rest_;
    rest_ = {};
    if (all.empty()) return drop_reason::empty_datagram;

    record_view record;
    const auto type = in.u8();
    record.version = in.u16();
    record.epoch = in.u16();
    record.sequence = in.integer(6);
    record.payload = in.vector(2);
    if (!in.ok() || record.payload.size() > max_record_payload) return drop_reason::malformed_record;
    if (!known_type(type)) return drop_reason::bad_record_type;
    if (record.version != dtls_1_0 && record.version != dtls_1_2) return drop_reason::bad_version;

    record.type = static_cast<content_type>(type);
    record.whole = all.first(record_header_size + record.payload.size());
    rest_ = in.rest();
    return record;
}

std::optional<record_view> first_record(bytes datagram) noexcept
{
    auto cut = record_cutter{datagram}.next();
    if (const auto* record = std::get_if<record_view>(&cut)) return *record;
    return std::nullopt;
}

}  // namespace quivive::wire
