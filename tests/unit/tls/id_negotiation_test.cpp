#include "unit/tls/changed_hello.hpp"

#include <algorithm>
#include <random>

// Contents of a client's extension connection_id (RFC 9146 3), and the server's answers.

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

constexpr std::uint16_t connection_id = 54;

tls::handshake_settings settings_with(const wire::own_connection_id& id)
{
    tls::handshake_settings settings;
    settings.ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 2);
    settings.connection_id = id;
    return settings;
}

/// The hello of a client that offers an id of four bytes.
struct hello_with_id : client_hello {
    hello_with_id() : client_hello{settings_with(wire::own_connection_id{counting(4)})} {}
    octets& ids() { return body_of(connection_id); }
};

/// The answer of a server with an id of eight bytes.
struct answer_to_id : answer {
    explicit answer_to_id(const octets& hello)
        : answer{hello, settings_with(wire::own_connection_id{counting(8, 0x51)})}
    {
    }
    /// Returns the extension connection_id of the ServerHello, if present.
    [[nodiscard]] std::optional<octets> ids() const { return extension(connection_id); }
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

TEST_CASE("RFC 9146 3: an id of up to 32 bytes is answered with the server's id, and a longer one is ignored")
{
    hello_with_id hello;
    for (const auto size : std::initializer_list<std::size_t>{0, 1, 8, 20, 32, 33, 100, 254, 255}) {
        CAPTURE(size);
        hello.ids() = vector_of(counting(size, 7));
        const answer_to_id heard{hello.record()};
        REQUIRE(heard.accepted());
        CHECK(heard.ids() == (size <= 32 ? std::optional{ours} : std::nullopt));
    }
}

TEST_CASE("RFC 9146 3: a malformed connection_id extension ends the handshake with illegal_parameter")
{
    const auto body =
        GENERATE(octets{}, make_octets({1}), make_octets({0, 0}), make_octets({5, 1, 2, 3, 4}),
                 make_octets({3, 1, 2, 3, 4}), make_octets({255}), octets(257, std::byte{0xff}));
    hello_with_id hello;
    hello.ids() = body;
    CAPTURE(body.size());
    const answer_to_id heard{hello.record()};
    CHECK(heard.refused());
    CHECK(heard.alert() == illegal_parameter);
}

TEST_CASE(
    "RFC 9146 3: a server's id of more than 32 bytes ends the client's handshake with illegal_parameter")
{
    const auto settings = settings_with(wire::own_connection_id{counting(4)});
    const auto size = GENERATE(std::size_t{0}, std::size_t{32}, std::size_t{33}, std::size_t{255});
    CAPTURE(size);
    tls_pair pair{settings};
    pair.deliver_to_server();
    const auto hello = wire::first_record(pair.to_client.datagrams.at(0)).value();
    const auto in = behind_server_hello(hello.payload.subspan(12));
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

TEST_CASE("RFC 5246 7.4.1.4: a duplicate extension ends the handshake with an alert")
{
    hello_with_id hello;
    hello.extensions.emplace_back(connection_id, vector_of(counting(3)));
    CHECK(answer_to_id{hello.record()}.refused());
}

TEST_CASE("RFC 9853 3: an rrc extension with a body ends the handshake")
{
    hello_with_id hello;
    const auto found = std::ranges::find(hello.extensions, 61, &extension_list::value_type::first);
    REQUIRE(found != hello.extensions.end());
    found->second = make_octets({1});
    CHECK(answer_to_id{hello.record()}.alert() == illegal_parameter);
}

TEST_CASE("RFC 9146 3: random connection_id bodies are accepted if well-formed and refused otherwise")
{
    std::mt19937 random{54};
    hello_with_id hello;
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
        const answer_to_id heard{hello.record()};
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

TEST_CASE("RFC 9146 3: a hello with corrupted extensions is either answered or refused")
{
    std::mt19937 random{55};
    const hello_with_id hello;
    const auto good = hello.record();
    const auto first = 13 + 12 + hello.before.size();
    std::size_t accepted = 0, refused = 0;
    for (int round = 0; round < 300; ++round) {
        auto spoilt = good;
        for (auto changes = 1 + random() % 2; changes > 0; --changes)
            spoilt[first + random() % (spoilt.size() - first)] = static_cast<std::byte>(random());
        CAPTURE(round);
        const answer_to_id heard{spoilt};
        accepted += heard.accepted() ? 1U : 0U;
        refused += heard.refused() ? 1U : 0U;
    }
    CHECK(accepted + refused == 300);
    CHECK(accepted > 0);
    CHECK(refused > 0);
    CHECK(answer_to_id{good}.accepted());
}
