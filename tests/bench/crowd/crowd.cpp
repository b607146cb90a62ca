#include "bench/crowd/crowd.hpp"

#include "record/aead_cache.hpp"
#include "tls/gnutls_aead.hpp"
#include "wire/record.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <variant>

namespace quivive::bench {

namespace {

constexpr std::size_t most_sockets = 64;
constexpr std::uint32_t first_address = 0x7f01'0001;  // 127.1.0.1
constexpr std::size_t ready_ciphers = 64;             // each session sends little
constexpr auto patience = std::chrono::seconds{2};    // then a message counts as lost
constexpr unsigned most_tries = 10;
constexpr int wait_ms = 20;
constexpr auto look_around = std::chrono::milliseconds{50};

}  // namespace

crowd::crowd(const boost::asio::ip::udp::endpoint& server, std::shared_ptr<const tls::context> context,
             std::size_t size)
    : context_{std::move(context)}, clients_(size), waiting_(size)
{
    settings_.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, ready_ciphers);
    for (std::size_t i = 0; i < std::min(size, most_sockets); ++i) {
        sockets_.push_back(std::make_unique<source_socket>(server));
        readable_.push_back({sockets_.back()->descriptor(), POLLIN, 0});
    }
}

crowd::~crowd() = default;

std::size_t crowd::open(std::size_t window, const watcher& go_on)
{
    opening_ = true;
    return run(window, go_on);
}

std::size_t crowd::echo(std::size_t window, const watcher& go_on)
{
    opening_ = false;
    return run(window, go_on);
}

/// Keeps `window` clients waiting for an answer until each has received one or has used up its tries.
std::size_t crowd::run(std::size_t window, const watcher& go_on)
{
    answered_ = 0;
    pending_.clear();
    auto looked = clock::now();
    for (std::size_t next = 0; next < clients_.size() || !pending_.empty();) {
        const auto now = clock::now();
        for (; next < clients_.size() && pending_.size() < window; ++next) begin(next, now);
        for (const auto& socket : sockets_) socket->flush();
        if (poll(readable_.data(), readable_.size(), wait_ms) > 0) read(now);
        std::erase_if(pending_, [&](const pending& one) { return !waiting_[one.client]; });
        if (now < looked + look_around) continue;
        looked = now;
        if (!go_on(answered_)) break;
        std::erase_if(pending_, [&](pending& one) { return !retry(one, now); });
    }
    return answered_;
}

void crowd::begin(std::size_t index, time_point now)
{
    auto& self = clients_[index];
    if (!opening_ && !self.records) return;
    if (opening_)
        self.shaking = tls::make_client_handshake(context_, settings_, path_of(index), now, *this);
    else
        say(index);
    waiting_[index] = true;
    pending_.push_back({index, now, 1});
}

bool crowd::retry(pending& waiting, time_point now)
{
    auto& self = clients_[waiting.client];
    if (self.shaking && now >= self.shaking->next_wake()) self.shaking->on_timer(now, *this);
    if (now < waiting.since + patience) return true;
    waiting.since = now;
    if (++waiting.tries <= most_tries) {
        if (self.records) say(waiting.client);
        return true;
    }
    self.shaking.reset();
    waiting_[waiting.client] = false;
    return false;
}

void crowd::say(std::size_t index)
{
    std::array<std::byte, 8> message;
    std::memcpy(message.data(), &index, sizeof index);
    (void)clients_[index].records->seal(message, path_of(index), *this);
}

void crowd::read(time_point now)
{
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
        if (readable_[i].revents == 0) continue;
        for (const auto& arrival : sockets_[i]->receive()) {
            const auto index = (arrival.to - first_address) * sockets_.size() + i;
            if (index < clients_.size()) take(index, arrival.data, now);
        }
    }
}

void crowd::take(std::size_t index, wire::bytes datagram, time_point now)
{
    auto& self = clients_[index];
    std::array<std::byte, 2'048> plaintext;
    for (wire::record_cutter cutter{datagram}; !cutter.done();) {
        const auto cut = cutter.next();
        const auto* const record = std::get_if<wire::record_view>(&cut);
        if (!record) return;
        if (self.shaking) {
            (void)self.shaking->feed(*record, now, *this);
            if (self.shaking->status() == tls::handshake_status::in_progress) continue;
            if (self.shaking->status() == tls::handshake_status::done)
                self.records = self.shaking->take_protection();
            self.shaking.reset();
            if (self.records) ++answered_;
            waiting_[index] = false;
        } else if (self.records && record->epoch != 0) {
            const auto opened = self.records->open(*record, plaintext, path_of(index), *this);
            if (opened.kind != record::opened_kind::message || !waiting_[index]) continue;
            ++answered_;
            waiting_[index] = false;
        }
    }
}

// `local` is the client's own address here.
wire::path crowd::path_of(std::size_t index) const noexcept
{
    const auto address = first_address + static_cast<std::uint32_t>(index / sockets_.size());
    std::array<std::byte, 4> bytes;
    wire::write_integer(bytes, address);
    return {wire::endpoint::v4(bytes, 0), {}, static_cast<std::uint32_t>(index % sockets_.size())};
}

void crowd::send(const wire::path& to, wire::bytes datagram) noexcept
{
    wire::reader address{to.local.v4_bytes()};
    sockets_[to.socket]->push(static_cast<std::uint32_t>(address.integer(4)), datagram);
}

}  // namespace quivive::bench
