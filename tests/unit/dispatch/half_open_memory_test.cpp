// Memory of a handshake whose client has vanished after its second ClientHello: GnuTLS's own session and the
// memory that quivive adds.
#include "support/allocated.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/plain_session.hpp"
#include "support/tls_peer.hpp"
#include "support/world.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

using namespace quivive;
using namespace quivive::test;

namespace {

constexpr unsigned many = 400;

/// Handshakes before counting starts. They allocate the shared tables and pools, and GnuTLS's own one-time
/// state.
constexpr unsigned before_counting = 50;

/// Returns the bytes of a handshake within the dispatcher: association, table entries, timer, the kept flight
/// and the GnuTLS session.
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
        CHECK(here.route(hellos[i].first, hellos[i].second).disposition == dispatch::disposition::delivered);
        here.outgoing = {};
    }
    const auto after = allocated();
    CHECK(here.counted().half_open == hellos.size());
    return (after - before) / many;
}

/// Returns the bytes of a GnuTLS session at the same point with the same credentials, measured by freeing it.
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

/// Sends datagrams that make the server hold as much as possible: records and messages ahead of their order,
/// with messages in fragments of `size` bytes.
void fill(world& here, const wire::path& from, std::uint32_t size)
{
    const auto send = [&](const octets& record) { (void)here.route(from, record); };
    send(make_record(wire::content_type::change_cipher_spec, octets(1, std::byte{1})));
    for (std::uint64_t i = 0; i < 32; ++i)
        send(make_record(wire::content_type::application_data, octets(1'000, std::byte(i)), 1, i));
    const octets part(size);
    constexpr std::uint32_t length = 32'768;
    for (const auto seq : {std::uint16_t{2}, std::uint16_t{3}, std::uint16_t{1}})
        for (std::uint32_t at = 0; at + size < std::min(length, 500 * size); at += size + 1)
            send(handshake_record({wire::handshake_type::certificate, length, seq, at, part}));
}

/// Returns the bytes of a handshake whose client calls `fill` after a hello with that much padding.
std::size_t most_bytes_of_ours(std::size_t padding, std::uint32_t size)
{
    world here{{},
               {},
               any_server_context(),
               any_client_context(),
               std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 64)};
    constexpr unsigned few = 8;
    std::size_t before = 0;
    for (unsigned i = 0; i < 2 * few; ++i) {
        if (i == few) before = allocated();
        const auto path = world::path_of(i + 1, 1'000);
        hello_builder hello;
        hello.extensions = make_extension(10, make_octets({0, 4, 0, 0x1d, 0, 0x17})) +
                           make_extension(13, make_octets({0, 2, 4, 3})) +
                           make_extension(21, octets(padding));  // RFC 7685
        (void)here.route(path, hello.record());
        const auto request = std::exchange(here.outgoing, {}).front().second;
        wire::reader in{records_of(request).front().payload};
        const auto cookie = wire::read_handshake(in).body.subspan(3);
        hello.cookie.assign(cookie.begin(), cookie.end());
        hello.message_seq = 1;
        (void)here.route(path, hello.record());
        fill(here, path, size);
        here.outgoing = {};
    }
    const auto after = allocated();
    CHECK(here.counted().half_open == 2 * few);
    return (after - before) / few;
}

}  // namespace

TEST_CASE("a half-open handshake holds at most 64 kB whatever its client sends")
{
    const std::size_t padding = GENERATE(0U, 15'000U);
    const std::uint32_t size = GENERATE(1U, 1'000U);
    const auto ours = most_bytes_of_ours(padding, size);
    if (sanitized) return;
    std::printf("half-open: %zu bytes at the most, with %zu of padding and fragments of %u\n", ours, padding,
                size);
    CHECK(ours <= 65'536);
    if (size > 1) CHECK(ours > 50'000);  // so this is close to the maximum
}

TEST_CASE("a half-open handshake holds at most 1.7 kB more than GnuTLS's session")
{
    const auto ours = bytes_of_ours(), gnutls = bytes_of_gnutls();
    if (sanitized) return;
    std::printf("half-open: %zu bytes, of which GnuTLS's session alone takes %zu\n", ours, gnutls);
    constexpr std::size_t offered_extension = 128;  // record_size_limit, which GnuTLS's clients offer
    CHECK(ours <= gnutls + 1'664 + offered_extension);
}
