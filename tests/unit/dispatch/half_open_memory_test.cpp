// What a handshake holds whose client has vanished after its second ClientHello: GnuTLS's own session, and
// what we add to it.
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/plain_session.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

using namespace quivive;
using namespace quivive::test;

namespace {

constexpr unsigned many = 400;

/// What is known once for all: tables, pools, GnuTLS's own first times.
constexpr unsigned before_counting = 50;

/// Bytes of a handshake within the dispatcher: association, table entries, timer, the kept flight, the
/// session.
std::size_t bytes_of_ours()
{
    quivive::limits limits;
    limits.max_half_open = limits.max_half_open_per_source = 2 * many;
    world here{limits,
               {},
               any_server_context(),
               any_client_context(),
               std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 64)};
    std::vector<std::pair<wire::path, octets>> hellos;  // with cookies
    for (unsigned i = 0; i < before_counting + many; ++i) {
        auto& client = here.add_client(i + 1);
        client.hello();
        here.deliver(client);
        const auto request = std::exchange(here.outgoing, {});
        client.take(request.at(0).second);
        hellos.emplace_back(client.path(), std::move(client.outgoing.front()));
        client.outgoing.clear();
    }
    std::size_t before = 0;
    for (unsigned i = 0; i < hellos.size(); ++i) {
        if (i == before_counting) before = allocated();
        CHECK(here.route(hellos[i].first, hellos[i].second).verdict == dispatch::verdict::delivered);
        here.outgoing = {};
    }
    const auto after = allocated();
    CHECK(here.counted().half_open == hellos.size());
    return (after - before) / many;
}

/// Bytes of a GnuTLS session that has got as far, with the same credentials: what its end gives back.
std::size_t bytes_of_gnutls()
{
    plain_client client{dtls_1_2};
    client.session.step();
    std::vector<std::unique_ptr<plain_session>> servers;
    for (unsigned i = 0; i < many; ++i) {
        auto& server =
            *servers.emplace_back(std::make_unique<plain_session>(GNUTLS_SERVER, *any_server_context()));
        server.incoming.push_back(client.session.sent.at(0));
        CHECK(server.step() == GNUTLS_E_AGAIN);
        CHECK(!server.sent.empty());
    }
    const auto before = allocated();
    for (auto& server : servers) server->end();
    return (before - allocated()) / many;
}

}  // namespace

TEST_CASE("a half-open handshake holds 1.7 kB at most beside what GnuTLS's session holds")
{
    const auto ours = bytes_of_ours(), gnutls = bytes_of_gnutls();
    if (sanitized) return;
    std::printf("half-open: %zu bytes, of which GnuTLS's session alone takes %zu\n", ours, gnutls);
    constexpr std::size_t offered_extension = 128;  // record_size_limit, which GnuTLS's clients offer
    CHECK(ours <= gnutls + 1'664 + offered_extension);
}
