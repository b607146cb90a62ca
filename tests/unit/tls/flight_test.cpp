#include "tls/flight.hpp"

#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/tls_peer.hpp"
#include "wire/handshake.hpp"

#include <algorithm>

using namespace quivive;
using namespace quivive::test;

namespace {

octets message_of(wire::handshake_type type, std::uint16_t seq, std::size_t size)
{
    octets body(size);
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::byte>(i * 7);
    return handshake_record({.type = type,
                             .length = static_cast<std::uint32_t>(size),
                             .message_seq = seq,
                             .fragment_offset = 0,
                             .body = body},
                            99);
}

octets message(std::uint16_t seq, std::size_t size)
{
    return message_of(wire::handshake_type::certificate, seq, size);
}

octets protected_record(std::size_t size)
{
    auto record = plaintext_record(wire::content_type::handshake, octets(size), 5);
    record[4] = std::byte{1};
    return record;
}

std::deque<octets> sent(tls::flight& flight)
{
    queue_outbox out;
    flight.send({}, out);
    return out.datagrams;
}

}  // namespace

TEST_CASE("flight: records share datagrams as far as the MTU allows (RFC 6347 4.1.1)")
{
    tls::flight flight{300, 0};
    for (std::uint16_t seq = 0; seq < 3; ++seq) flight.add(message(seq, 100));  // 125 bytes each
    const auto datagrams = sent(flight);
    REQUIRE(datagrams.size() == 2);
    CHECK(datagrams[0].size() == 250);
    CHECK(datagrams[1].size() == 125);
    CHECK(flight.size_bytes() == 375);
}

TEST_CASE("flight: sequence numbers of plaintext records continue across flights and retransmissions (4.2.2)")
{
    tls::flight flight{1'200, 0xabcdef};
    flight.add(message(0, 10));
    flight.add(message(1, 10));
    flight.add(protected_record(40));
    const auto first = sent(flight), again = sent(flight);
    flight.begin();
    flight.add(message(2, 10));
    const auto next = sent(flight);
    CHECK(records_of(first[0])[0].sequence == 0xabcdef);
    CHECK(records_of(first[0])[1].sequence == 0xabcdf0);
    CHECK(records_of(again[0])[0].sequence == 0xabcdf1);
    CHECK(records_of(again[0])[1].sequence == 0xabcdf2);
    CHECK(records_of(next[0])[0].sequence == 0xabcdf3);
    // A protected record is bound to its sequence number.
    CHECK(std::ranges::equal(records_of(first[0])[2].whole, records_of(again[0])[2].whole));
}

TEST_CASE("flight: a message above the MTU is sent in fragments that cover it (4.2.3)")
{
    const auto size = GENERATE(std::size_t{175}, std::size_t{176}, std::size_t{1'000}, std::size_t{16'000});
    CAPTURE(size);
    tls::flight flight{200, 0};
    const auto whole = message(3, size);
    flight.add(whole);
    octets body;
    for (const auto& datagram : sent(flight)) {
        CHECK(datagram.size() <= 200);
        for (const auto& record : records_of(datagram)) {
            wire::reader in{record.payload};
            const auto fragment = wire::read_handshake(in);
            REQUIRE(in.ok());
            CHECK(in.done());
            CHECK(fragment.type == wire::handshake_type::certificate);
            CHECK(fragment.message_seq == 3);
            CHECK(fragment.length == size);
            CHECK(fragment.fragment_offset == body.size());
            CHECK_FALSE(fragment.body.empty());
            body.insert(body.end(), fragment.body.begin(), fragment.body.end());
        }
    }
    CHECK(std::ranges::equal(body, wire::bytes{whole}.subspan(25)));
}

TEST_CASE("flight: a smaller MTU changes the fragments but not the protected records (4.1.1.1)")
{
    tls::flight flight{600, 0};
    flight.add(message(0, 1'000));
    flight.add(protected_record(300));
    flight.limit(200);
    flight.limit(5'000);  // it never grows again
    std::size_t bytes = 0;
    for (const auto& datagram : sent(flight))
        for (const auto& record : records_of(datagram)) {
            if (record.epoch == 1) {
                CHECK(record.payload.size() == 300);
                continue;
            }
            CHECK(datagram.size() <= 200);
            wire::reader in{record.payload};
            const auto fragment = wire::read_handshake(in);
            CHECK(fragment.fragment_offset == bytes);
            bytes += fragment.body.size();
        }
    CHECK(bytes == 1'000);
}

TEST_CASE("flight: nothing is sent once the sequence numbers are exhausted (4.1)")
{
    constexpr std::uint64_t last = 0xffff'ffff'ffff;
    tls::flight flight{1'200, last - 1};
    flight.add(message(0, 10));
    flight.add(message(1, 10));
    const auto first = sent(flight);
    REQUIRE(first.size() == 1);
    CHECK(records_of(first[0])[1].sequence == last);
    CHECK(sent(flight).empty());
}

TEST_CASE("flight: protected records can be sealed again, and plaintext ones cannot")
{
    tls::flight flight{1'200, 0};
    flight.add(message(0, 10));
    flight.add(protected_record(40));
    int renewed = 0;
    flight.renew([&](std::span<std::byte> record) {
        ++renewed;
        CHECK(record.size() == 53);
        record.back() = std::byte{0xee};
    });
    CHECK(renewed == 1);
    CHECK(sent(flight)[0].back() == std::byte{0xee});
    flight.clear();
    CHECK(flight.empty());
    CHECK(sent(flight).empty());
}

TEST_CASE("flight: an imported flight is sent if it consists of whole records, and discarded otherwise")
{
    auto kept = message(0, 10) + protected_record(40);
    tls::flight whole{kept, 0};
    octets all;
    for (const auto& datagram : sent(whole)) all = all + datagram;
    CHECK(all.size() == kept.size());
    SECTION("truncated") { kept.resize(GENERATE(1U, 12U, 13U, 30U, 87U)); }
    SECTION("longer") { kept.push_back(std::byte{22}); }
    SECTION("no records") { kept = octets(90, std::byte{0x77}); }
    tls::flight flight{kept, 0};
    CHECK(flight.empty());
    CHECK(sent(flight).empty());
}

TEST_CASE("flight: a certificate that is left out is still sent, whole and in fragments")
{
    const auto certificate = message(1, 700);
    const wire::bytes body = wire::bytes{certificate}.subspan(25);
    const auto filled = [&] {
        tls::flight made{1'200, 7};
        made.add(message_of(wire::handshake_type::server_hello, 0, 60));
        made.add(certificate);
        made.add(message_of(wire::handshake_type::server_hello_done, 2, 0));
        return made;
    };
    auto plain = filled(), lean = filled();
    lean.leave_out(body);
    CHECK(lean.size_bytes() == plain.size_bytes() - 700);
    CHECK(sent(lean) == sent(plain));
    CHECK(sent(lean) == sent(plain));  // the sequence numbers continue

    plain.limit(300);
    lean.limit(300);
    const auto datagrams = sent(lean);
    CHECK(datagrams.size() > 2);
    CHECK(datagrams == sent(plain));
    CHECK(lean.size_bytes() == plain.size_bytes() - 700);

    lean.begin();
    plain.begin();
    lean.add(certificate);
    plain.add(certificate);
    CHECK(sent(lean) == sent(plain));
}

TEST_CASE("flight: a certificate in the fragments of a small MTU can be left out too")
{
    const auto certificate = message(0, 1'000);
    tls::flight plain{300, 0}, lean{300, 0};
    for (auto* const made : {&plain, &lean}) made->add(certificate);
    lean.leave_out(wire::bytes{certificate}.subspan(25));
    CHECK(lean.size_bytes() == plain.size_bytes() - 1'000);
    CHECK(sent(lean) == sent(plain));
}

TEST_CASE("flight: only the certificate that is passed to leave_out() is left out")
{
    const auto certificate = message(0, 100);
    octets other{certificate.begin() + 25, certificate.end()};
    const auto wrong = GENERATE(0U, 50U, 99U);
    other[wrong] ^= std::byte{1};
    tls::flight plain{1'200, 0}, told{1'200, 0};
    for (auto* const made : {&plain, &told}) made->add(certificate);
    SECTION("one byte differs") {}
    SECTION("it is shorter") { other.assign(certificate.begin() + 25, certificate.end() - 1); }
    SECTION("it is empty") { other.clear(); }
    told.leave_out(other);
    CHECK(told.size_bytes() == plain.size_bytes());
    CHECK(sent(told) == sent(plain));
}
