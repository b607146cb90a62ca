#include "session/association.hpp"
#include "support/seeded_tls.hpp"
#include "support/sim/end.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/handshake.hpp"

namespace quivive::test::sim {

namespace {

class our_end final : public client_end, private wire::outbox {
public:
    our_end(std::shared_ptr<const tls::context> context, const std::optional<requested_id>& ids)
        : context_{std::move(context)}, ids_{ids}
    {
    }

    void begin(time_point now) override
    {
        static const auto limits = [] {
            quivive::limits chosen;
            chosen.idle_timeout = {};  // only the server ends an idle session
            return std::make_shared<const quivive::limits>(chosen);
        }();
        association_ = std::make_unique<sessions::association>(
            wire::path{}, limits, std::make_shared<sessions::message_pool>(1'000'000), now);
        tls::handshake_settings settings;
        if (ids_) {
            static const auto ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 16);
            settings.ciphers = ciphers;
            settings.connection_id = wire::own_connection_id{octets(ids_->own_size, std::byte{0xc1})};
            know_path_checks(ids_->checks_paths);
        }
        association_->begin(tls::make_client_handshake(context_, settings, {}, now, *this), now);
        know_path_checks(true);
    }
    void take(const octets& datagram, time_point now) override
    {
        for (const auto& record : records_of(datagram, ids_ ? ids_->own_size : 0))
            (void)association_->on_record(record, association_->path(), now, *this);
    }
    void on_timer(time_point now) override { association_->on_timer(now, *this); }
    [[nodiscard]] time_point next_wake() const override { return association_->next_wake(); }
    void send(const std::string& message) override
    {
        (void)association_->send(wire::as_bytes(message), {}, *this);  // the server's address does not change
    }
    void close(time_point now) override
    {
        association_->close(sessions::close_reason::closed_here, now, *this);
    }
    [[nodiscard]] bool connected() const override { return association_->is_open(); }
    [[nodiscard]] bool over() const override { return association_->phase() == sessions::phase::closed; }
    [[nodiscard]] std::optional<std::string> read() override
    {
        if (association_->messages().empty()) return {};
        return std::string{wire::as_text(association_->messages().pop()->bytes())};
    }

private:
    void send(const wire::path&, wire::bytes datagram) noexcept override
    {
        outgoing.emplace_back(datagram.begin(), datagram.end());
    }

    std::shared_ptr<const tls::context> context_;
    std::optional<requested_id> ids_;
    std::unique_ptr<sessions::association> association_;
};

}  // namespace

std::unique_ptr<client_end> make_our_end(const client_contexts& contexts,
                                         const std::optional<requested_id>& ids)
{
    return std::make_unique<our_end>(contexts.ours, ids);
}

}  // namespace quivive::test::sim
