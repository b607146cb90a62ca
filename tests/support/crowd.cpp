#include "support/crowd.hpp"

#include "record/aead_cache.hpp"
#include "server/address.hpp"
#include "tls/context.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/handshake.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include <poll.h>

namespace quivive::test {

namespace {

constexpr std::size_t under_way = 32;  ///< handshakes at a time

std::shared_ptr<const tls::context> make_context()
{
    client_credentials credentials;
    credentials.psk_identity = crowd::identity;
    credentials.psk_key = secret::from_hex(crowd::key).value();
    tls::context_options options;
    options.priority = crowd::priority;
    return tls::make_client_context(credentials, options);
}

}  // namespace

class crowd::state {
public:
    std::shared_ptr<const tls::context> context = make_context();
    std::shared_ptr<const quivive::limits> limits = std::make_shared<const quivive::limits>();
    std::shared_ptr<sessions::message_pool> pool = std::make_shared<sessions::message_pool>(64'000'000);
    tls::handshake_settings settings{.ciphers =
                                         std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 64)};
};

crowd::crowd(const boost::asio::ip::udp::endpoint& server, std::size_t first)
    : first_{first},
      server_{runtime::to_wire(server)},
      socket_{transport::udp_socket::bind(wire::endpoint::v4({}, 0), {.receive_buffer_bytes = 4'194'304})},
      incoming_{2'048},
      outgoing_{1'024},
      state_{std::make_unique<state>()}
{
}

crowd::~crowd() = default;

wire::path crowd::path_of(std::size_t number, std::uint16_t port, const wire::endpoint& server) noexcept
{
    const auto byte = [&](unsigned shift) { return static_cast<std::byte>(number >> shift & 0x7f); };
    return {wire::endpoint::v4(
                {std::byte{127}, byte(14), byte(7), static_cast<std::byte>(1 + (number & 0x7f))}, port),
            server, 0};
}

std::size_t crowd::number_of(const wire::endpoint& local) noexcept
{
    const auto at = local.v4_bytes();
    return std::to_integer<std::size_t>(at[1]) << 14 | std::to_integer<std::size_t>(at[2]) << 7 |
           (std::to_integer<std::size_t>(at[3]) - 1);
}

void crowd::send(const wire::path& to, wire::bytes datagram) noexcept { (void)outgoing_.push(to, datagram); }

void crowd::begin(std::size_t client)
{
    const auto path = path_of(first_ + client, socket_.local_endpoint().port, server_);
    const auto now = clock::now();
    clients_.push_back(std::make_unique<sessions::association>(path, state_->limits, state_->pool, now));
    clients_.back()->begin(tls::make_client_handshake(state_->context, state_->settings, path, now, *this),
                           now);
}

bool crowd::connect(std::size_t count)
{
    return connect(count, std::chrono::minutes{1} + std::chrono::seconds{count / 50});
}

bool crowd::connect(std::size_t count, std::chrono::milliseconds within)
{
    const auto deadline = clock::now() + within;
    const auto all = clients_.size() + count;
    while (connected_ < all) {
        if (clock::now() > deadline) return false;
        while (clients_.size() < all && clients_.size() < connected_ + under_way) begin(clients_.size());
        turn();
    }
    return true;
}

void crowd::close()
{
    const auto is_closed = [](const auto& client) { return client->phase() == sessions::phase::closed; };
    for (std::size_t begin = 0; begin < clients_.size(); begin += under_way) {
        const auto some = std::span{clients_}.subspan(begin, std::min(under_way, clients_.size() - begin));
        for (auto& client : some) client->close(sessions::close_reason::closed_here, clock::now(), *this);
        while (!std::ranges::all_of(some, is_closed)) turn();
    }
}

void crowd::say(std::size_t client, const std::string& message)
{
    (void)clients_.at(client)->send(wire::as_bytes(message), clock::now(), *this);
}

std::string crowd::hear(std::size_t client)
{
    auto& messages = clients_.at(client)->messages();
    const auto deadline = clock::now() + std::chrono::seconds{10};
    while (messages.empty() && clock::now() < deadline) turn();
    if (messages.empty()) return {};
    auto message = messages.pop();
    std::string text{wire::as_text(message->bytes())};
    messages.pool().recycle(std::move(message));
    return text;
}

void crowd::turn()
{
    (void)outgoing_.flush(socket_);
    pollfd readable{socket_.native_handle(), POLLIN, 0};
    if (::poll(&readable, 1, 100) == 0)
        for (auto& client : clients_)
            if (clock::now() >= client->next_wake()) client->on_timer(clock::now(), *this);

    for (const auto& datagram : incoming_.receive(socket_)) {
        const auto number = number_of(datagram.local);
        if (number < first_ || number - first_ >= clients_.size()) continue;
        auto& client = *clients_[number - first_];
        const bool was_open = client.is_open();
        for (wire::record_cutter cutter{datagram.data}; !cutter.done();) {
            const auto cut = cutter.next();
            if (const auto* record = std::get_if<wire::record_view>(&cut))
                (void)client.on_record(*record, client.path(), clock::now(), *this);
        }
        if (client.is_open() && !was_open) ++connected_;
    }
    (void)outgoing_.flush(socket_);
}

}  // namespace quivive::test
