#include "support/stepwise_client.hpp"

#include "server/address.hpp"
#include "tls/gnutls_aead.hpp"

#include <variant>

namespace quivive::test {

using namespace std::chrono_literals;

namespace {

std::shared_ptr<const tls::context> any_server_will_do(const tls::context_options& settings)
{
    client_credentials credentials;
    credentials.insecure = true;
    return tls::make_client_context(credentials, settings);
}

}  // namespace

stepwise_client::stepwise_client(const boost::asio::ip::udp::endpoint& server,
                                 const boost::asio::ip::udp::endpoint& bind_to)
    : server_{server}, socket_{std::make_unique<raw_udp>(bind_to)}, context_{any_server_will_do({})}
{
}

void stepwise_client::want_connection_id()
{
    context_ = any_server_will_do({.priority = {}, .alpn = {}, .connection_ids = true});
    settings_.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
    settings_.connection_id.emplace();
}

bool stepwise_client::connect()
{
    const auto now = clock::now();
    const wire::path path{runtime::to_wire(socket_->local()), runtime::to_wire(server_), 0};
    association_ =
        std::make_unique<sessions::association>(path, std::make_shared<const quivive::limits>(limits_),
                                                std::make_shared<sessions::message_pool>(1'000'000), now);
    association_->begin(tls::make_client_handshake(context_, settings_, path, now, *this), now);
    const auto deadline = now + 5s;
    while (association_->phase() == sessions::phase::handshaking && clock::now() < deadline) step(100ms);
    return association_->is_open();
}

std::string stepwise_client::echo(const std::string& message)
{
    send(message);
    return hear();
}

std::string stepwise_client::hear()
{
    const auto deadline = clock::now() + 5s;
    while (association_->messages().empty() && clock::now() < deadline) step(100ms);
    if (association_->messages().empty()) return {};
    auto answer = association_->messages().pop();
    return std::string{wire::as_text(answer->bytes())};
}

void stepwise_client::send(const std::string& message)
{
    (void)association_->send(wire::as_bytes(message), clock::now(), *this);
}

void stepwise_client::close()
{
    association_->close(sessions::close_reason::closed_here, clock::now(), *this);
}

bool stepwise_client::step(std::chrono::milliseconds within)
{
    const auto datagram = socket_->receive(within);
    const auto now = clock::now();
    if (!datagram) {
        association_->on_timer(now, *this);
        return false;
    }
    received_.push_back(*datagram);
    for (wire::record_cutter cutter{*datagram}; !cutter.done();) {
        const auto cut = cutter.next();
        if (const auto* record = std::get_if<wire::record_view>(&cut))
            (void)association_->on_record(*record, association_->path(), now, *this);
    }
    return true;
}

void stepwise_client::send(const wire::path&, wire::bytes datagram) noexcept
{
    sent_.emplace_back(datagram.begin(), datagram.end());
    socket_->send(server_, datagram);
}

}  // namespace quivive::test
