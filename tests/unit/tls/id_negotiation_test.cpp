#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_peer.hpp"
#include "tls/gnutls_aead.hpp"

#include <algorithm>
#include <random>

// What a client may put into the extension connection_id (RFC 9146 3), and what the server makes of it.

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

constexpr std::uint16_t connection_id = 54;

/// The extensions of a hello, by its type and body, in order.
using extension_list = std::vector<std::pair<std::uint16_t, octets>>;

octets octets_of(wire::bytes view) { return {view.begin(), view.end()}; }

extension_list read_extensions(wire::reader in)
{
    extension_list list;
    wire::reader all{in.vector(2)};
    while (all.ok() && !all.done()) {
        const auto type = all.u16();
        list.emplace_back(type, octets_of(all.vector(2)));
    }
    REQUIRE(all.ok());
    return list;
}

void append(octets& to, std::uint64_t value, std::size_t width)
{
    to.resize(to.size() + width);
    wire::write_integer(std::span{to}.last(width), value);
}

/// A hello with these extensions behind all else, as one record.
octets hello_record(wire::handshake_type type, const octets& before, const extension_list& extensions)
{
    octets listed;
    for (const auto& [number, body] : extensions) listed = listed + make_extension(number, body);
    auto message = before;
    append(message, listed.size(), 2);
    message = message + listed;
    return handshake_record({type, static_cast<std::uint32_t>(message.size()), 0, 0, message}, 0);
}

/// The first hello of a client of ours, whose extensions can be others.
struct client_hello {
    client_hello()
    {
        tls::handshake_settings settings;
        settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
        settings.connection_id = wire::own_connection_id{counting(4)};
        queue_outbox out;
        const auto client = tls::make_client_handshake(any_client_context(), settings, {}, {}, out);
        const auto record = wire::first_record(out.datagrams.at(0)).value();
        wire::reader in{record.payload.subspan(12)};  // behind the message's header
        (void)in.take(2 + 32);
        for (const auto width : std::initializer_list<std::size_t>{1, 1, 2, 1})
            (void)in.vector(width);  // session, cookie, suites, compression
        before = octets_of(record.payload.subspan(12, record.payload.size() - 12 - in.rest().size()));
        extensions = read_extensions(in);
    }

    [[nodiscard]] octets record() const
    {
        return hello_record(wire::handshake_type::client_hello, before, extensions);
    }
    octets& ids()
    {
        const auto found = std::ranges::find(extensions, connection_id, &extension_list::value_type::first);
        REQUIRE(found != extensions.end());
        return found->second;
    }

    octets before;
    extension_list extensions;
};

/// Reads up to a ServerHello's extensions.
wire::reader behind_server_hello(const wire::record_view& record)
{
    wire::reader in{record.payload.subspan(12)};
    (void)in.take(2 + 32);
    (void)in.vector(1);
    (void)in.take(2 + 1);
    return in;
}

/// A server that has heard one hello.
struct answer {
    explicit answer(const octets& hello)
    {
        tls::handshake_settings settings;
        settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
        settings.connection_id = wire::own_connection_id{counting(8, 0x51)};
        const auto server = tls::make_server_handshake(any_server_context(), settings, {}, {});
        (void)server->feed(wire::first_record(hello).value(), time_point{}, out);
        status = server->status();
        error = server->error();
    }

    /// Whether it goes on with the handshake, ids or not.
    [[nodiscard]] bool accepted() const
    {
        return status == handshake_status::in_progress && !out.datagrams.empty() &&
               wire::first_record(out.datagrams.front())->is(wire::content_type::handshake);
    }
    /// Whether it ends it with a fatal alert (RFC 5246 7.2.2), and says so.
    [[nodiscard]] bool refused() const
    {
        if (status != handshake_status::failed || !error || out.datagrams.size() != 1) return false;
        const auto alert = wire::first_record(out.datagrams.front()).value();
        return alert.is(wire::content_type::alert) && alert.payload.size() == 2 &&
               alert.payload[0] == std::byte{2};
    }
    [[nodiscard]] int alert() const
    {
        return refused() ? std::to_integer<int>(wire::first_record(out.datagrams.front())->payload[1]) : -1;
    }
    /// What the ServerHello says of ids, if anything.
    [[nodiscard]] std::optional<octets> ids() const
    {
        const auto record = wire::first_record(out.datagrams.at(0)).value();
        const auto extensions = read_extensions(behind_server_hello(record));
        const auto found = std::ranges::find(extensions, connection_id, &extension_list::value_type::first);
        return found == extensions.end() ? std::nullopt : std::optional{found->second};
    }

    queue_outbox out;
    handshake_status status;
    error_code error;
};

octets vector_of(const octets& id)
{
    octets body;
    append(body, id.size(), 1);
    return body + id;
}

const octets ours = vector_of(counting(8, 0x51));
constexpr int illegal_parameter = 47;

}  // namespace

TEST_CASE("RFC 9146 3: each id that fits is answered with ours, a longer one as if there were none")
{
    client_hello hello;
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 8, 20, 32, 33, 100, 254, 255}) {
        CAPTURE(size);
        hello.ids() = vector_of(counting(size, 7));
        const answer heard{hello.record()};
        REQUIRE(heard.accepted());
        CHECK(heard.ids() == (size <= 32 ? std::optional{ours} : std::nullopt));
    }
}

TEST_CASE(
    "RFC 9146 3: a body that is no vector of one byte's length ends the handshake with illegal_parameter")
{
    const auto body =
        GENERATE(octets{}, make_octets({1}), make_octets({0, 0}), make_octets({5, 1, 2, 3, 4}),
                 make_octets({3, 1, 2, 3, 4}), make_octets({255}), octets(257, std::byte{0xff}));
    client_hello hello;
    hello.ids() = body;
    CAPTURE(body.size());
    const answer heard{hello.record()};
    CHECK(heard.refused());
    CHECK(heard.alert() == illegal_parameter);
}

TEST_CASE(
    "RFC 9146 3: a server's id that is longer than we can keep ends the client's handshake, none is ignored")
{
    tls::handshake_settings settings;
    settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
    settings.connection_id = wire::own_connection_id{counting(4)};
    const auto size = GENERATE(std::size_t{0}, std::size_t{32}, std::size_t{33}, std::size_t{255});
    CAPTURE(size);
    tls_pair pair{settings};
    pair.deliver_to_server();
    const auto hello = wire::first_record(pair.to_client.datagrams.at(0)).value();
    const auto in = behind_server_hello(hello);
    auto extensions = read_extensions(in);
    const auto found = std::ranges::find(extensions, connection_id, &extension_list::value_type::first);
    REQUIRE(found != extensions.end());
    found->second = vector_of(counting(size));
    const auto message = hello.payload.subspan(12);
    const auto before = octets_of(message.first(message.size() - in.rest().size()));

    queue_outbox out;
    const auto changed = hello_record(wire::handshake_type::server_hello, before, extensions);
    (void)pair.client->feed(wire::first_record(changed).value(), pair.now, out);
    CHECK((pair.client->status() == handshake_status::failed) == (size > 32));
    if (size <= 32) return;
    REQUIRE(out.datagrams.size() == 1);
    CHECK(wire::first_record(out.datagrams[0])->payload[1] == std::byte{illegal_parameter});
}

TEST_CASE("RFC 5246 7.4.1.4: an extension that comes twice ends the handshake cleanly")
{
    client_hello hello;
    hello.extensions.emplace_back(connection_id, vector_of(counting(3)));
    CHECK(answer{hello.record()}.refused());
}

TEST_CASE("RFC 9853 3: the extension rrc has no body, and one that has ends the handshake")
{
    client_hello hello;
    const auto found = std::ranges::find(hello.extensions, 61, &extension_list::value_type::first);
    REQUIRE(found != hello.extensions.end());
    found->second = make_octets({1});
    CHECK(answer{hello.record()}.alert() == illegal_parameter);
}

TEST_CASE("RFC 9146 3: of whatever body the server is as good as its rule, and serves the next client")
{
    std::mt19937 random{54};
    client_hello hello;
    std::size_t accepted = 0;
    for (int round = 0; round < 150; ++round) {
        auto body = vector_of(counting(random() % 48));
        for (auto changes = random() % 3; changes > 0; --changes) {
            if (random() % 2 == 0) body.resize(random() % (body.size() + 3));
            if (!body.empty())
                body[random() % body.size() % 3 % body.size()] = static_cast<std::byte>(random() % 60);
        }
        hello.ids() = body;
        CAPTURE(round, body.size());
        const answer heard{hello.record()};
        const bool well_formed = !body.empty() && body.size() == 1 + std::to_integer<std::size_t>(body[0]);
        if (well_formed) {
            REQUIRE(heard.accepted());
            CHECK(heard.ids().has_value() == (body.size() <= 1 + 32));
            ++accepted;
        } else {
            CHECK(heard.alert() == illegal_parameter);
        }
    }
    CHECK(accepted > 30);
    CHECK(accepted < 140);
}

TEST_CASE("RFC 9146 3: a hello spoilt anywhere in its extensions is answered or refused, never more")
{
    std::mt19937 random{55};
    const client_hello hello;
    const auto good = hello.record();
    const auto first = 13 + 12 + hello.before.size();
    std::size_t accepted = 0, refused = 0;
    for (int round = 0; round < 300; ++round) {
        auto spoilt = good;
        for (auto changes = 1 + random() % 2; changes > 0; --changes)
            spoilt[first + random() % (spoilt.size() - first)] = static_cast<std::byte>(random());
        CAPTURE(round);
        const answer heard{spoilt};
        accepted += heard.accepted() ? 1U : 0U;
        refused += heard.refused() ? 1U : 0U;
    }
    CHECK(accepted + refused == 300);
    CHECK(accepted > 0);
    CHECK(refused > 0);
    CHECK(answer{good}.accepted());
}
