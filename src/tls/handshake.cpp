#include "tls/handshake.hpp"

#include "record/detached_protection.hpp"
#include "tls/detach.hpp"
#include "tls/facts.hpp"
#include "tls/handshake_engine.hpp"
#include "tls/random.hpp"

#include <boost/system/system_error.hpp>

// The results of a finished `handshake_engine`, and the functions that create one.
namespace quivive::tls {

handshake_facts handshake_engine::facts() const
{
    if (status_ == handshake_status::failed) {
        auto claims = claims_of(live_->session.get());
        claims.unknown_identity = live_->unknown_identity;
        return claims;
    }
    auto facts = facts_of(live_->session.get());
    facts.connection_id = ids() && !ids()->own.empty();
    return facts;
}

/// GnuTLS cannot protect records with connection ids. Without keys for them the handshake must fail: a
/// session must not lack an extension that both sides have negotiated (RFC 9146 3).
std::unique_ptr<record::protection> handshake_engine::take_protection()
{
    live_->channel.push_to(nullptr);
    if (ciphers_)
        if (auto keys = take_keys(live_->session.get())) {
            keys->window = live_->window;
            keys->size_limit = static_cast<std::uint16_t>(live_->sizes.limit());
            auto agreed = ids() ? std::make_unique<record::connection_ids>(*ids()) : nullptr;
            if (agreed) fill_random(std::as_writable_bytes(std::span{agreed->seed}));
            const auto live = std::move(live_);  // destroys the session on return
            return std::make_unique<record::detached_protection>(*keys, mtu_, ciphers_, std::move(agreed));
        }
    if (ids()) throw boost::system::system_error{errc::handshake_failed, "keys for connection ids"};
    return std::make_unique<attached_protection>(std::move(live_), mtu_);
}

flight handshake_engine::take_last_flight() { return std::move(flight_); }

std::vector<std::vector<std::byte>> handshake_engine::take_early_records()
{
    std::vector<std::vector<std::byte>> records;
    const auto early = [](const wire::record_view& kept) {
        return kept.epoch == 1 && !kept.is(wire::content_type::handshake);  // may be a Finished with an id
    };
    while (auto record = reorder_buffer_.take_first(early)) records.push_back(std::move(*record));
    return records;
}

std::unique_ptr<handshake> make_server_handshake(std::shared_ptr<const context> context,
                                                 const handshake_settings& settings, const prestate& start,
                                                 const wire::path& path)
{
    return std::make_unique<handshake_engine>(GNUTLS_SERVER, std::move(context), settings, start, path);
}

std::unique_ptr<handshake> make_client_handshake(std::shared_ptr<const context> context,
                                                 const handshake_settings& settings, const wire::path& path,
                                                 time_point now, wire::outbox& out)
{
    auto engine =
        std::make_unique<handshake_engine>(GNUTLS_CLIENT, std::move(context), settings, prestate{}, path);
    engine->begin(now, out);
    return engine;
}

}  // namespace quivive::tls
