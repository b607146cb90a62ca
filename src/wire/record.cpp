#include "wire/record.hpp"

namespace quivive::wire {

namespace {

constexpr bool known_type(std::uint8_t type) noexcept
{
    return (type >= static_cast<std::uint8_t>(content_type::change_cipher_spec) &&
            type <= static_cast<std::uint8_t>(content_type::tls12_cid)) ||
           type == static_cast<std::uint8_t>(content_type::return_routability_check);
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
    if (type == static_cast<std::uint8_t>(content_type::tls12_cid)) record.connection_id = in.take(id_size_);
    record.payload = in.vector(2);
    if (!in.ok() || record.payload.size() > max_record_payload) return drop_reason::malformed_record;
    if (!known_type(type)) return drop_reason::bad_record_type;
    if (record.version != dtls_1_0 && record.version != dtls_1_2) return drop_reason::bad_version;

    record.type = static_cast<content_type>(type);
    rest_ = in.rest();
    record.whole = all.first(all.size() - rest_.size());
    return record;
}

std::optional<record_view> first_record(bytes datagram, std::size_t id_size) noexcept
{
    auto cut = record_cutter{datagram, id_size}.next();
    if (const auto* record = std::get_if<record_view>(&cut)) return *record;
    return std::nullopt;
}

}  // namespace quivive::wire
