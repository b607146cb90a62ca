#include "server/session_facts.hpp"

#include "server/address.hpp"

#include <utility>

namespace quivive::runtime {

tls::handshake_settings make_handshake_settings(const limits& limits, std::size_t handshake_mtu,
                                                std::size_t mtu) noexcept
{
    return {
        .retransmit_first = limits.retransmit_first,
        .repeat_interval = limits.repeat_interval,
        .repeat_burst = limits.repeat_burst,
        .max_message_bytes = limits.max_handshake_message_bytes,
        .early_records = limits.early_records,
        .handshake_mtu = handshake_mtu,
        .mtu = mtu,
    };
}

std::shared_ptr<const common_facts> known_facts::find(common_facts wanted)
{
    for (const auto& known : known_)
        if (known && *known == wanted) return known;
    auto added = std::make_shared<const common_facts>(std::move(wanted));
    known_[next_] = added;
    next_ = (next_ + 1) % known_.size();
    return added;
}

compact_info::compact_info(const wire::path& path, tls::handshake_facts facts, bool cookie_proven,
                           known_facts* known)
    : local_{path.local},
      peer_{path.peer},
      own_{facts.psk_identity + facts.peer_pin + facts.peer_subject},
      identity_size_{static_cast<std::uint16_t>(facts.psk_identity.size())},
      pin_size_{static_cast<std::uint8_t>(facts.peer_pin.size())},
      cookie_proven_{cookie_proven},
      resumed_{facts.resumed},
      connection_id_{facts.connection_id},
      imported_{facts.imported}
{
    common_facts common{std::move(facts.protocol), std::move(facts.cipher_suite),
                        std::move(facts.server_name), std::move(facts.alpn)};
    common_ = known != nullptr ? known->find(std::move(common))
                               : std::make_shared<const common_facts>(std::move(common));
    own_.shrink_to_fit();
    if (!facts.application.empty() || facts.keying)
        extras_ =
            std::make_unique<const extras>(extras{std::move(facts.application), std::move(facts.keying)});
}

compact_info::~compact_info() { delete full_.load(std::memory_order_acquire); }

const session_info& compact_info::full() const
{
    if (const auto* made = full_.load(std::memory_order_acquire)) return *made;
    auto made = make();
    const session_info* others = nullptr;
    if (full_.compare_exchange_strong(others, made.get(), std::memory_order_acq_rel)) return *made.release();
    return *others;  // another thread was faster
}

tls::handshake_facts compact_info::facts() const
{
    const auto about = make();
    tls::handshake_facts facts;
    facts.protocol = about->protocol;
    facts.cipher_suite = about->cipher_suite;
    facts.server_name = about->server_name;
    facts.alpn = about->alpn;
    facts.psk_identity = about->psk_identity;
    facts.peer_pin = about->peer_pin;
    facts.peer_subject = about->peer_subject;
    facts.resumed = about->resumed;
    facts.connection_id = about->connection_id;
    facts.keying = about->keying;
    return facts;
}

std::unique_ptr<session_info> compact_info::make() const
{
    const auto& own = own_;
    return std::make_unique<session_info>(session_info{
        .local = to_asio(local_),
        .peer = to_asio(peer_),
        .protocol = common_->protocol,
        .cipher_suite = common_->cipher_suite,
        .server_name = common_->server_name,
        .alpn = common_->alpn,
        .psk_identity = own.substr(0, identity_size_),
        .peer_pin = own.substr(identity_size_, pin_size_),
        .peer_subject = own.substr(std::size_t{identity_size_} + pin_size_),
        .cookie_proven = cookie_proven_,
        .resumed = resumed_,
        .connection_id = connection_id_,
        .keying = extras_ ? extras_->keying : nullptr,
        .imported = imported_,
        .application = extras_ ? extras_->application : std::vector<std::byte>{},
    });
}

}  // namespace quivive::runtime
