#include "bench/load/returning_clients.hpp"

#include "bench/support/suites.hpp"

#include <boost/asio/io_context.hpp>

#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>

#include <cstdio>
#include <exception>

namespace quivive::bench {

namespace {

namespace asio = boost::asio;

constexpr unsigned repeat_after_ms = 1'000, give_up_after_ms = 10'000;

/// State that a client keeps between handshakes.
struct memory {
    memory() { gnutls_certificate_allocate_credentials(&credentials); }
    ~memory()
    {
        gnutls_certificate_free_credentials(credentials);
        gnutls_free(ticket.data);
    }
    memory(const memory&) = delete;
    memory& operator=(const memory&) = delete;

    gnutls_certificate_credentials_t credentials{};
    gnutls_datum_t ticket{};
};

enum class outcome : unsigned char { failed, whole, resumed };

outcome shake_hands(gnutls_session_t session, memory& mine)
{
    if (mine.ticket.data) gnutls_session_set_data(session, mine.ticket.data, mine.ticket.size);
    int result = GNUTLS_E_AGAIN;
    while (result < 0 && !gnutls_error_is_fatal(result)) result = gnutls_handshake(session);
    if (result < 0) return outcome::failed;
    if (!mine.ticket.data) gnutls_session_get_data2(session, &mine.ticket);
    return gnutls_session_is_resumed(session) ? outcome::resumed : outcome::whole;
}

/// Performs one handshake from a new port. Stores the ticket in `mine`.
outcome visit(const plan& chosen, std::size_t number, memory& mine, tally& counts)
{
    const auto begin = clock::now();
    asio::io_context io;
    asio::ip::udp::socket socket{io, *config_of(chosen, number).bind};
    socket.connect(chosen.server);
    gnutls_session_t session{};
    gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_DATAGRAM);
    gnutls_priority_set_direct(session, certificate_priority, nullptr);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, mine.credentials);
    gnutls_transport_set_int(session, socket.native_handle());
    gnutls_dtls_set_timeouts(session, repeat_after_ms, give_up_after_ms);
    const auto result = shake_hands(session, mine);
    if (result == outcome::resumed) counts.note(counts.latencies_us, begin);
    gnutls_bye(session, GNUTLS_SHUT_WR);
    gnutls_deinit(session);
    return result;
}

}  // namespace

returning_clients::returning_clients(const plan& chosen) : chosen_{chosen}, tallies_(chosen.clients)
{
    for (std::size_t i = 0; i < chosen.clients; ++i)
        threads_.emplace_back([this, i] { come_back(tallies_[i], i); });
}

returning_clients::~returning_clients() { stop(); }

void returning_clients::come_back(tally& counts, std::size_t number)
try {
    memory mine;
    while (!stop_) {
        const auto result = visit(chosen_, number, mine, counts);
        ++(result == outcome::failed ? counts.failed : counts.done);
        if (result == outcome::resumed) ++resumed;
    }
} catch (const std::exception& fault) {
    std::fprintf(stderr, "load: a client ended: %s\n", fault.what());
}

std::uint64_t returning_clients::sum(std::atomic<std::uint64_t> tally::*what) const
{
    std::uint64_t all = 0;
    for (const auto& counts : tallies_) all += counts.*what;
    return all;
}

void returning_clients::measure(bool on)
{
    for (auto& counts : tallies_) counts.measuring = on;
}

void returning_clients::stop()
{
    stop_ = true;
    threads_.clear();
}

std::vector<float> returning_clients::latencies() const
{
    std::vector<float> all;
    for (const auto& counts : tallies_)
        all.insert(all.end(), counts.latencies_us.begin(), counts.latencies_us.end());
    return all;
}

}  // namespace quivive::bench
