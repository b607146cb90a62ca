#include "faults/meeting.hpp"

#include "faults/credentials.hpp"
#include "support/catch.hpp"
#include "support/tls_peer.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <optional>

namespace quivive::test {

namespace {

using namespace std::chrono_literals;
using sessions::close_reason;

std::shared_ptr<record::aead_cache> some_ciphers()
{
    return std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
}

cookie_policy policy_of(const manner& how)
{
    cookie_policy policy;
    policy.exchange = how.exchange;
    policy.trust_all_networks = true;
    return policy;
}

}  // namespace

meeting::meeting(const manner& how)
    : how_{how},
      around_{{},
              policy_of(how),
              server_context_of(how),
              client_context_of(how),
              how.detached ? some_ciphers() : nullptr}
{
    if (how.ids) around_.use_ids({.enabled = true}, 4);
    if (how.detached && !how.ids) around_.settings.ciphers = some_ciphers();
    if (how.by_hand) around_.listener.answer = dispatch::admission_action::offer;
    // Allocations of the listener are not the library's. Reserved, so that they do not happen under test.
    constexpr std::size_t many = 1'000;
    around_.listener.offers.reserve(many);
    around_.listener.sessions.reserve(many);
    around_.listener.ends.reserve(many);
    around_.listener.loads.reserve(many);
    around_.listener.moves.reserve(many);
    around_.now += 31s;  // new cookie keys are due
}

bool meeting::talk(side tested)
{
    bool good = connect(tested);
    // There is a single fault: a lost message arrives the second time, unless the session has ended.
    for (const auto* text : {"first", "second"}) {
        if (!session_) break;
        if (echo(text, tested)) continue;
        good = false;
        const bool live = session_->is_open() && client().association.is_open();
        if (live) CHECK(echo("again", tested));
    }
    if (session_ && how_.ids) {
        around_.now += around_.limits.move_interval;
        client().path.peer.port += 1;
        good = echo("from elsewhere", tested) && good;
    }
    return close(tested) && good;
}

bool meeting::connect(side tested)
{
    tested_ = tested;
    session_ = nullptr;
    const auto host = static_cast<unsigned>(clients_.size()) + 1;
    clients_.push_back(std::make_unique<caller>(around_, host, around_.client_context));
    if (how_.noisy) make_noise();
    {
        const under_test this_one{tested_ == side::client};
        if (!client().hello()) return false;
    }
    const auto until = around_.now + 50s;
    do settle();
    while (!client().association.is_open() && pass_to_next_wake(until));
    for (const auto& connection : around_.listener.sessions)
        if (connection->path() == client().path) session_ = connection;
    return session_ && session_->is_open() && client().association.is_open();
}

bool meeting::echo(const std::string& text, side tested)
{
    tested_ = tested;
    if (how_.noisy) make_noise();
    if (!client().association.is_open()) return false;
    {
        const under_test this_one{tested_ == side::client};
        client().send(text);
    }
    settle();
    const auto heard = client().read();
    return std::ranges::find(heard, text) != heard.end();
}

/// Closes from the client's side. The server answers with a close_notify.
bool meeting::close(side tested)
{
    tested_ = tested;
    {
        const under_test this_one{tested_ == side::client};
        client().close();
    }
    settle();
    return session_ && session_->close_reason() == close_reason::peer_closed &&
           client().association.close_reason() == close_reason::closed_here;
}

void meeting::wind_up(side tested)
{
    tested_ = tested;
    const auto until = around_.now + 10min;
    while (pass_to_next_wake(until)) settle();
    around_.now = until;
}

void meeting::check_books() const
{
    const auto m = counted();
    CHECK(m.balanced());
    CHECK(around_.server->size() == 0);
    CHECK(around_.server->half_open() == 0);
    CHECK(m.associations == 0);
    CHECK(m.half_open == 0);
    CHECK(m.sessions == 0);
    CHECK(m.sessions_closed == m.handshakes_completed);
    // Each admitted hello has a session, or a counted reason for having none.
    CHECK(m.cookies_proven + m.admitted_unproven ==
          m.handshakes_completed + m.handshakes_failed + m.handshakes_timed_out + m.handshakes_displaced);
}

std::uint64_t meeting::losses() const
{
    const auto m = counted();
    std::uint64_t broken = 0;
    for (const auto& end : around_.listener.ends)
        if (end.was_session && end.why != close_reason::peer_closed && end.why != close_reason::idle_timeout)
            ++broken;
    return m.dropped.total() + m.discarded.total() + m.handshakes_failed + m.handshakes_timed_out +
           m.flights_withheld + m.datagrams_withheld + broken - noise_;
}

bool meeting::client_has_told() const
{
    const auto& ends = around_.listener.ends;
    const auto is_silence = [](const auto& end) { return end.why == close_reason::idle_timeout; };
    return clients_.back()->has_complained() || std::ranges::any_of(ends, is_silence);
}

void meeting::send(const wire::path& to, wire::bytes datagram) noexcept
{
    const under_test not_this{false};
    outgoing_.emplace_back(to, octets{datagram.begin(), datagram.end()});
}

void meeting::route(const wire::path& from, const octets& datagram)
{
    const under_test this_one{tested_ == side::server};
    (void)around_.server->route(from, datagram, around_.now, *this);
}

/// Delivers datagrams in both directions until none are left.
void meeting::settle()
{
    auto& to_server = client().outgoing;
    while (!to_server.empty() || !outgoing_.empty()) {
        for (; !to_server.empty(); to_server.pop_front()) route(client().path, to_server.front());
        accept_offers();
        answer();
        for (const auto& [to, datagram] : std::exchange(outgoing_, {})) {
            if (to != client().path) continue;
            const under_test this_one{tested_ == side::client};
            client().take(datagram);
        }
    }
}

void meeting::accept_offers()
{
    const auto offers = around_.listener.offers;
    around_.listener.offers.clear();
    for (const auto& connection : offers) {
        const under_test this_one{tested_ == side::server};
        (void)around_.server->accept(*connection, around_.now, *this);
    }
}

/// Echoes, as the application.
void meeting::answer()
{
    if (!session_ || session_->messages().empty()) return;
    while (!session_->messages().empty() && session_->is_open()) {
        const auto message = session_->messages().pop();
        const under_test this_one{tested_ == side::server};
        (void)around_.server->send(*session_, message->bytes(), around_.now, *this);
    }
}

/// Advances time to the next timer. Returns false if there is none until then.
bool meeting::pass_to_next_wake(time_point until)
{
    const auto next = std::min(around_.server->next_wake(), client().association.next_wake());
    if (next > until) return false;
    around_.now = std::max(around_.now, next);
    {
        const under_test this_one{tested_ == side::server};
        around_.server->advance(around_.now, *this);
    }
    const under_test this_one{tested_ == side::client};
    if (client().association.next_wake() <= around_.now) client().on_timer();
    return true;
}

/// Sends datagrams that change nothing, from an unknown peer and from the client's address.
void meeting::make_noise()
{
    const auto before = losses();
    const auto unknown_peer = world::path_of(99, 1);
    const octets fatal_alert{std::byte{2}, std::byte{40}};
    const octets hello_without_end{std::byte{1}, std::byte{0}, std::byte{1}, std::byte{0}};
    route(unknown_peer, octets(40, std::byte{0x5a}));
    route(unknown_peer, plaintext_record(wire::content_type::handshake, hello_without_end));
    for (const auto type : {wire::content_type::handshake, wire::content_type::application_data})
        route(client().path, plaintext_record(type, octets(60, std::byte{0x16})));
    if (session_) route(client().path, plaintext_record(wire::content_type::alert, fatal_alert));
    noise_ += losses() - before;
    outgoing_.clear();
}

const std::vector<manner>& all_manners()
{
    using enum cookie_exchange;
    static const std::vector<manner> all{
        {.name = "certificate, attached"},
        {.name = "certificate, detached, accepted by hand", .detached = true, .by_hand = true},
        {.name = "all facts", .detached = true, .talkative = true},
        {.name = "PSK, ids, a client that moves", .psk = true, .ids = true},
        {.name = "PSK, adaptive, noise", .exchange = adaptive, .psk = true, .detached = true, .noisy = true},
        {.name = "PSK, never, attached", .exchange = never, .psk = true},
        {.name = "resumption, ids", .ids = true, .resumes = true},
    };
    return all;
}

}  // namespace quivive::test
