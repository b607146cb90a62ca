#include "server/session_facts.hpp"

#include "server/address.hpp"

#include <utility>

namespace quivive::detail {

tls::handshake_settings make_handshake_settings(const limits& limits, std::size_t handshake_mtu,
                                                std::size_t mtu) noexcept
{
    return {
        .retransmit_first = limits.retransmit_first,
        .repeat_interval = limits.repeat_interval,
        .max_message_bytes = limits.max_handshake_message_bytes,
        .early_records = limits.early_records,
        .handshake_mtu = handshake_mtu,
        .mtu = mtu,
    };
}

session_info make_session_info(const wire::path& path, tls::handshake_facts facts, bool cookie_proven)
{
    return {
        .local = to_asio(path.local),
        .peer = to_asio(path.peer),
        .protocol = std::move(facts.protocol),
        .cipher_suite = std::move(facts.cipher_suite),
        .server_name = std::move(facts.server_name),
        .alpn = std::move(facts.alpn),
        .psk_identity = std::move(facts.psk_identity),
        .peer_pin = std::move(facts.peer_pin),
        .peer_subject = std::move(facts.peer_subject),
        .cookie_proven = cookie_proven,
        .resumed = facts.resumed,
        .connection_id = facts.connection_id,
    };
}

}  // namespace quivive::detail
