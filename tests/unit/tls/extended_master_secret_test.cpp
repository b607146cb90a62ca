// Treatment of clients without an extended master secret (RFC 7627) or without secure renegotiation (RFC
// 5746).
#include "quivive/error.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"
#include "support/tls_peer.hpp"
#include "unit/tls/changed_hello.hpp"
#include "unit/tls/server_meeting.hpp"

#include <gnutls/dtls.h>

#include <string>

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

constexpr auto* no_ems = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:%NO_SESSION_HASH";

const tls::context_options ems_required{.priority = {}, .alpn = {}, .extended_master_secret_required = true};
const tls::context_options renegotiation_required{
    .priority = {}, .alpn = {}, .secure_renegotiation_required = true};

constexpr std::uint16_t extended_master_secret = 23, renegotiation_info = 0xff01;

bool has_ticket(const plain_client& client)
{
    return (gnutls_session_get_flags(client.session.get()) & GNUTLS_SFLAGS_SESSION_TICKET) != 0;
}

/// A completed handshake with `client`.
struct ems_visit {
    ems_visit(const std::shared_ptr<const tls::context>& context, plain_client& client)
        : peer{client, context}
    {
        peer.settle();
        REQUIRE(client.session.done());
        REQUIRE(peer.server->status() == handshake_status::done);
        facts = peer.server->facts();
    }
    tls_peer peer;
    tls::handshake_facts facts;
};

octets in_two_records(const octets& hello)
{
    const auto message = wire::first_record(hello)->payload.subspan(wire::handshake_header_size);
    const auto size = static_cast<std::uint32_t>(message.size());
    constexpr std::uint32_t cut = 20;
    return handshake_record({wire::handshake_type::client_hello, size, 0, 0, message.first(cut)}, 0) +
           handshake_record({wire::handshake_type::client_hello, size, 0, cut, message.subspan(cut)}, 1);
}

/// A server that has received one hello in two records.
struct answer_to_pieces : answer {
    answer_to_pieces(const octets& hello, std::shared_ptr<const tls::context> context)
        : answer{first_of(in_two_records(hello)), {}, std::move(context)}
    {
        const auto pieces = in_two_records(hello);
        (void)server->feed(records_of(pieces).back(), time_point{}, out);
    }
    static octets first_of(const octets& records)
    {
        return octets_of(wire::first_record(records).value().whole);
    }
};

}  // namespace

TEST_CASE("RFC 7627 5.3: a session without an extended master secret is served but cannot be resumed")
{
    const auto context = server_context_with({});
    plain_client first{no_ems};
    const ems_visit full{context, first};
    CHECK_FALSE(full.facts.extended_master_secret);
    CHECK_FALSE(has_ticket(first));

    // GnuTLS gives each session an id, but the server stores nothing under it.
    const std::string again = GENERATE(no_ems, dtls_1_2);
    CAPTURE(again);
    plain_client second{again};
    offer_session_of(first.session, second.session);
    const ems_visit other{context, second};
    CHECK_FALSE(other.facts.resumed);
    CHECK_FALSE(second.session.resumed());
    CHECK(other.facts.extended_master_secret == (again == dtls_1_2));
    CHECK(has_ticket(second) == (again == dtls_1_2));
}

TEST_CASE("RFC 7627 5.3: a ticket resumes only a hello with an extended master secret")
{
    const auto context = server_context_with({});
    plain_client first{dtls_1_2}, second{no_ems}, third{dtls_1_2};
    const ems_visit full{context, first};
    CHECK(full.facts.extended_master_secret);
    REQUIRE(has_ticket(first));

    offer_session_of(first.session, second.session);
    const ems_visit without{context, second};
    CHECK_FALSE(without.facts.resumed);
    CHECK_FALSE(without.facts.extended_master_secret);

    offer_session_of(first.session, third.session);
    const ems_visit with{context, third};
    CHECK(with.facts.resumed);
    CHECK(with.facts.extended_master_secret);
}

TEST_CASE("RFC 7627: a server whose priorities disable the extended master secret issues no ticket")
{
    plain_client client{dtls_1_2};
    const ems_visit full{server_context_with({.priority = no_ems, .alpn = {}}), client};
    CHECK_FALSE(full.facts.extended_master_secret);
    CHECK_FALSE(has_ticket(client));
}

TEST_CASE(
    "RFC 7627: if required, a hello without an extended master secret is refused with handshake_failure")
{
    const auto context = server_context_with(ems_required);
    const client_hello good{{}};
    CHECK(answer{good.record(), {}, context}.accepted());
    CHECK(answer_to_pieces(good.record(), context).accepted());

    auto without = good;
    without.remove(extended_master_secret);
    CHECK(answer{without.record(), {}}.accepted());  // not required
    const answer whole{without.record(), {}, context};
    const answer_to_pieces pieces{without.record(), context};
    for (const answer* const given : {&whole, static_cast<const answer*>(&pieces)}) {
        CHECK(given->alert() == GNUTLS_A_HANDSHAKE_FAILURE);
        CHECK(given->server->error() == errc::no_extended_master_secret);
    }
}

TEST_CASE("RFC 5746 3.6: if required, a hello without renegotiation_info or its signalling suite is refused")
{
    const auto context = server_context_with(renegotiation_required);
    const client_hello good{{}};
    CHECK(answer{good.record(), {}, context}.accepted());

    auto without = good;
    without.remove(renegotiation_info);
    CHECK(answer{without.record(), {}}.accepted());  // not required
    const answer whole{without.record(), {}, context};
    const answer_to_pieces pieces{without.record(), context};
    for (const answer* const given : {&whole, static_cast<const answer*>(&pieces)}) {
        CHECK(given->alert() == GNUTLS_A_HANDSHAKE_FAILURE);
        CHECK(given->server->error() == errc::no_secure_renegotiation);
    }

    // TLS_EMPTY_RENEGOTIATION_INFO_SCSV instead, as an additional suite.
    wire::reader in{without.before};
    const auto random = in.take(2 + 32), session = in.vector(1), cookie = in.vector(1), suites = in.vector(2);
    octets before = octets_of(random);
    append(before, session.size(), 1);
    append(before, cookie.size(), 1);
    append(before, suites.size() + 2, 2);
    before = before + octets_of(suites);
    append(before, 0x00ff, 2);
    without.before = before + octets_of(in.rest());
    CHECK(answer{without.record(), {}, context}.accepted());
}

TEST_CASE("A server whose priorities disable a required feature is refused at its construction")
{
    struct contradiction {
        tls::context_options options;
        const char* word;
    };
    auto words = GENERATE(contradiction{ems_required, "%NO_SESSION_HASH"},
                          contradiction{ems_required, "%NO_EXTENSIONS"},
                          contradiction{renegotiation_required, "%DISABLE_SAFE_RENEGOTIATION"},
                          contradiction{renegotiation_required, "%NO_EXTENSIONS"});
    words.options.priority = std::string{dtls_1_2} + ":" + words.word;
    try {
        (void)server_context_with(words.options);
        FAIL("taken");
    } catch (const config_error& error) {
        REQUIRE(error.problems().size() == 1);
        CHECK(error.problems().front().find(words.word) != std::string::npos);
    }
}

TEST_CASE(
    "RFC 5077: a client with a PSK from the file gets a ticket, and one with a PSK from a look-up does not")
{
    const bool by_lookup = GENERATE(false, true);
    CAPTURE(by_lookup);
    const temp_directory directory;
    server_credentials credentials;
    if (by_lookup)
        credentials = with_psk("alice", "00ff");
    else
        credentials.psk_file = directory.write("keys.psk", "alice:00ff\n");
    credentials.certificate = make_certificate().in_memory();
    const auto context = tls::make_server_context(credentials, {});

    constexpr std::string_view key{"\0\xff", 2};
    plain_client by_key{psk_suites}, by_certificate{dtls_1_2};
    by_key.psk("alice", key);
    const ems_visit known{context, by_key}, unknown{context, by_certificate};
    CHECK(known.facts.psk_identity == "alice");
    CHECK(has_ticket(by_key) == !by_lookup);
    CHECK(has_ticket(by_certificate));
}
