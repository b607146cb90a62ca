#include "unit/tls/changed_hello.hpp"
#include "unit/tls/size_limits.hpp"

#include <map>

// Negotiation of max_fragment_length (RFC 6066 4) and record_size_limit (RFC 8449 4), and the flights that
// result.

using namespace quivive;
using namespace quivive::test;
using tls::handshake_status;

namespace {

constexpr std::uint16_t max_fragment_length = 1, record_size_limit = 28;
constexpr std::size_t most = 16'384;
constexpr int alert_illegal_parameter = 47, alert_decode_error = 50;

octets size_limit_of(std::size_t value)
{
    octets body;
    append(body, value, 2);
    return body;
}

/// A hello with one of the two extensions, with both or with none.
struct limiting_hello : client_hello {
    explicit limiting_hello(const std::optional<octets>& fragment_length,
                            const std::optional<octets>& size_limit = {})
        : client_hello{of_layer(true)}
    {
        remove(record_size_limit);
        if (fragment_length) extensions.emplace_back(max_fragment_length, *fragment_length);
        if (size_limit) extensions.emplace_back(record_size_limit, *size_limit);
    }
};

answer answer_to(const limiting_hello& hello) { return {hello.record(), of_layer(true)}; }

/// Returns the messages of a flight by number, assembled from their fragments.
std::map<std::uint16_t, octets> messages_of(const std::vector<wire::record_view>& records)
{
    std::map<std::uint16_t, octets> messages;
    for (const auto& record : records) {
        if (!record.is(wire::content_type::handshake) || record.epoch != 0) continue;
        wire::reader in{record.payload};
        const auto fragment = wire::read_handshake(in);
        REQUIRE(in.ok());
        CHECK(in.done());
        auto& whole = messages[fragment.message_seq];
        CHECK(fragment.fragment_offset == whole.size());
        whole.insert(whole.end(), fragment.body.begin(), fragment.body.end());
    }
    return messages;
}

}  // namespace

TEST_CASE("RFC 6066 4: each defined max_fragment_length is accepted, and any other is an illegal_parameter")
{
    for (const auto code : {1, 2, 3, 4}) {
        CAPTURE(code);
        const auto heard = answer_to(limiting_hello{make_octets({code})});
        REQUIRE(heard.accepted());
        CHECK(heard.extension(max_fragment_length) == make_octets({code}));
        CHECK(!heard.extension(record_size_limit));
    }
    for (const auto& body :
         {make_octets({0}), make_octets({5}), make_octets({255}), octets{}, make_octets({1, 1})}) {
        CAPTURE(body.size());
        CHECK(answer_to(limiting_hello{body}).alert() == alert_illegal_parameter);
    }
}

TEST_CASE(
    "RFC 8449 4: a record_size_limit of at least 64 is accepted, and a smaller one is an illegal_parameter")
{
    for (const std::size_t limit : {64U, 511U, 512U, 16'384U, 16'385U, 65'535U}) {
        CAPTURE(limit);
        const auto heard = answer_to(limiting_hello{{}, size_limit_of(limit)});
        REQUIRE(heard.accepted());
        CHECK(heard.extension(record_size_limit) == size_limit_of(most));
    }
    for (const std::size_t limit : {0U, 1U, 63U}) {
        CAPTURE(limit);
        CHECK(answer_to(limiting_hello{{}, size_limit_of(limit)}).alert() == alert_illegal_parameter);
    }
    for (const auto& body : {octets{}, make_octets({2}), make_octets({2, 0, 0})}) {
        CAPTURE(body.size());
        CHECK(answer_to(limiting_hello{{}, body}).alert() == alert_decode_error);
    }
}

TEST_CASE("RFC 8449 5: a max_fragment_length is ignored, even if invalid, when there is a record_size_limit")
{
    for (const auto& length : {make_octets({1}), make_octets({9}), octets{}}) {
        auto hello = limiting_hello{length, size_limit_of(1'000)};
        for (const bool turned : {false, true}) {
            CAPTURE(length.size(), turned);
            if (turned) std::swap(hello.extensions.back(), *(hello.extensions.end() - 2));
            const auto heard = answer_to(hello);
            REQUIRE(heard.accepted());
            CHECK(heard.extension(record_size_limit) == size_limit_of(most));
            CHECK(!heard.extension(max_fragment_length));
        }
    }
}

TEST_CASE("RFC 6066 4: a client without both extensions gets neither in the answer")
{
    const auto heard = answer_to(limiting_hello{{}});
    REQUIRE(heard.accepted());
    CHECK(!heard.extension(max_fragment_length));
    CHECK(!heard.extension(record_size_limit));
}

TEST_CASE("RFC 6066 4: no fragment of a flight or its retransmissions exceeds the negotiated length")
{
    // With 150 names the flight has more records than GnuTLS can send by itself.
    const auto names = GENERATE(std::size_t{0}, std::size_t{7}, std::size_t{150});
    CAPTURE(names);
    const auto context = context_with_names(names);
    const auto whole = [&](const std::optional<octets>& length, std::size_t limit) {
        answer heard{limiting_hello{length}.record(), of_layer(true), context};
        REQUIRE(heard.accepted());
        std::map<std::uint16_t, octets> messages;
        for (int round = 0; round < 5; ++round) {
            const auto flight =
                joined(std::vector<octets>(heard.out.datagrams.begin(), heard.out.datagrams.end()));
            const auto records = records_of(flight);
            for (const auto& record : records) CHECK(record.payload.size() <= limit);
            for (const auto& datagram : heard.out.datagrams) CHECK(datagram.size() <= 13 + limit);
            messages = messages_of(records);
            CHECK(messages.size() == 4);
            heard.out.datagrams.clear();
            heard.server->on_timer(heard.server->next_wake(), heard.out);
        }
        return messages;
    };
    const auto cut = whole(make_octets({1}), 512);
    CHECK(cut.at(1).size() == whole({}, 1'200).at(1).size());  // the certificates
    CHECK((cut.at(1).size() > 512) == (names > 0));
    CHECK((cut.at(1).size() > 32 * 512) == (names == 150));
}

TEST_CASE("RFC 8449 4: a client refuses a server's limit below 64 and an extension that it did not offer")
{
    tls_pair pair{of_layer(true)};
    pair.deliver_to_server();
    const auto hello = wire::first_record(pair.to_client.datagrams.at(0)).value();
    const auto in = behind_server_hello(hello.payload.subspan(12));
    auto extensions = read_extensions(in);
    const auto message = hello.payload.subspan(12);
    const auto before = octets_of(message.first(message.size() - in.rest().size()));
    const auto found = std::ranges::find(extensions, record_size_limit, &extension_list::value_type::first);
    REQUIRE(found != extensions.end());
    bool refused = true;
    SECTION("a limit of 63") { found->second = size_limit_of(63); }
    SECTION("a limit of 64") { found->second = size_limit_of(64), refused = false; }
    SECTION("a body of one byte") { found->second = make_octets({2}); }
    SECTION("both extensions") { extensions.emplace_back(max_fragment_length, make_octets({1})); }
    SECTION("the other extension") { *found = {max_fragment_length, make_octets({1})}; }

    queue_outbox out;
    const auto changed = hello_record(wire::handshake_type::server_hello, before, extensions);
    (void)pair.client->feed(wire::first_record(changed).value(), pair.now, out);
    CHECK((pair.client->status() == handshake_status::failed) == refused);
}
