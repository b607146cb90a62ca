#include "tls/message_assembly.hpp"

#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/tls_pair.hpp"

#include <algorithm>
#include <numeric>

using namespace quivive;
using test::octets;
using tls::message_assembly;
using wire::handshake_type;

namespace {

constexpr std::size_t room = 4'096;

/// A message, of which a test can make any fragments.
struct original {
    octets body;
    std::uint16_t seq = 0;
    handshake_type type = handshake_type::certificate;

    explicit original(std::size_t size, std::uint16_t message_seq = 0) : body(size), seq{message_seq}
    {
        for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::byte>(i * 7 + i / 256);
    }
    [[nodiscard]] wire::handshake_view piece(std::size_t from, std::size_t to) const
    {
        return {type, static_cast<std::uint32_t>(body.size()), seq, static_cast<std::uint32_t>(from),
                wire::bytes{body}.subspan(from, to - from)};
    }
    [[nodiscard]] wire::handshake_view all() const { return piece(0, body.size()); }
};

struct assembly_under_test : message_assembly {
    explicit assembly_under_test(std::size_t capacity = room) : message_assembly{capacity} {}

    void adds(const wire::handshake_view& fragment) { CHECK_FALSE(add(fragment)); }
    void drops(const wire::handshake_view& fragment, drop_reason why) { CHECK(add(fragment) == why); }
    /// Checks that the message is complete and equals the sent one.
    void gives(const original& sent)
    {
        auto made = take(sent.seq);
        REQUIRE(made);
        wire::reader in{made->as_one_fragment()};
        const auto message = wire::read_handshake(in);
        CHECK(in.ok());
        CHECK(in.done());
        CHECK(message.type == sent.type);
        CHECK(message.message_seq == sent.seq);
        CHECK(message.whole());
        CHECK(std::ranges::equal(message.body, sent.body));
    }
};

}  // namespace

TEST_CASE("assembly: fragments in any order are assembled to their message (RFC 6347 4.2.3)")
{
    const original sent{500, 3};
    std::vector<std::size_t> order{0, 1, 2, 3, 4};
    do {
        assembly_under_test assembly;
        for (const auto i : order) {
            CHECK_FALSE(assembly.take(3));
            assembly.adds(sent.piece(i * 100, i * 100 + 100));
        }
        assembly.gives(sent);
        CHECK(assembly.empty());
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("assembly: overlapping and repeated fragments of any size are assembled (RFC 6347 4.2.3)")
{
    const auto seed = GENERATE(range(1U, 101U));
    CAPTURE(seed);
    test::seeded_random random{seed};
    const original sent{1 + random.below(1'500)};
    assembly_under_test assembly;
    std::vector<bool> come(sent.body.size());
    while (!std::ranges::all_of(come, [](bool one) { return one; })) {
        CHECK_FALSE(assembly.take(0));
        const auto from = random.below(sent.body.size());
        const auto to = std::min(sent.body.size(), from + 1 + random.below(300));
        assembly.adds(sent.piece(from, to));
        std::fill(come.begin() + static_cast<std::ptrdiff_t>(from),
                  come.begin() + static_cast<std::ptrdiff_t>(to), true);
        CHECK(assembly.has(0));
    }
    assembly.gives(sent);
}

TEST_CASE("assembly: CVE-2026-42009: messages are taken in order, and duplicates change nothing")
{
    const original first{300, 1}, second{60, 2}, third{0, 3};
    assembly_under_test assembly;
    assembly.adds(third.all());
    assembly.adds(second.all());
    for (int twice = 0; twice < 2; ++twice) assembly.adds(first.piece(100, 300));
    for (int twice = 0; twice < 2; ++twice) assembly.adds(third.all());
    CHECK_FALSE(assembly.take(1));
    assembly.adds(first.piece(0, 100));
    assembly.gives(first);
    assembly.gives(second);
    assembly.gives(third);
    CHECK(assembly.empty());
    assembly.adds(first.piece(0, 10));
    CHECK_FALSE(assembly.take(2));
    CHECK(assembly.empty());  // earlier messages are not stored any more
}

TEST_CASE("assembly: CVE-2026-33846: fragments that differ in message length or type are dropped")
{
    const original sent{100};
    original longer{900}, of_other_type{100};
    of_other_type.type = handshake_type::finished;
    assembly_under_test assembly;
    assembly.adds(sent.piece(0, 50));
    assembly.drops(longer.piece(50, 250), drop_reason::inconsistent_fragment);
    assembly.drops(of_other_type.piece(50, 100), drop_reason::inconsistent_fragment);
    assembly.adds(sent.piece(50, 100));
    assembly.gives(sent);
    // The next message may have another length.
    longer.seq = 1;
    assembly.adds(longer.piece(0, 50));
    assembly.adds(longer.all());
    assembly.gives(longer);
}

TEST_CASE("assembly: a fragment whose overlap has different content is dropped")
{
    const original sent{100};
    original forged{100};
    forged.body[49] ^= std::byte{1};
    assembly_under_test assembly;
    assembly.adds(sent.piece(20, 50));
    assembly.drops(forged.piece(0, 100), drop_reason::inconsistent_fragment);
    assembly.drops(forged.piece(49, 60), drop_reason::inconsistent_fragment);
    assembly.adds(forged.piece(50, 60));  // no overlap
    assembly.adds(sent.all());
    assembly.gives(sent);
}

TEST_CASE("assembly: forget_disputed() restarts only the messages whose fragments conflict")
{
    const original sent{100, 1}, other{100, 2}, forged{90, 1};
    assembly_under_test assembly;
    assembly.adds(forged.piece(0, 10));
    assembly.adds(other.piece(0, 50));
    assembly.remove_disputed();
    assembly.drops(sent.all(), drop_reason::inconsistent_fragment);
    assembly.remove_disputed();
    CHECK_FALSE(assembly.has(1));
    assembly.adds(sent.all());
    assembly.gives(sent);
    assembly.adds(other.piece(50, 100));
    assembly.gives(other);
}

TEST_CASE("assembly: a message whose fragments conflict restarts when the peer repeats known content")
{
    const original sent{100};
    original forged{100};
    forged.body[99] ^= std::byte{1};
    assembly_under_test assembly;
    assembly.adds(sent.piece(0, 60));
    assembly.adds(forged.piece(99, 100));
    assembly.adds(sent.piece(0, 60));  // no conflict so far
    assembly.drops(sent.piece(60, 100), drop_reason::inconsistent_fragment);
    assembly.adds(sent.piece(0, 60));
    assembly.adds(sent.piece(60, 100));
    assembly.gives(sent);
}

TEST_CASE("assembly: memory depends on the received bytes and not on the claimed length")
{
    original sent{room};
    assembly_under_test assembly;
    assembly.adds(sent.piece(room - 1, room));
    CHECK(assembly.size_bytes() <= 64);
    assembly.adds(sent.piece(0, 1));
    CHECK(assembly.size_bytes() <= 2 * 64);
}

TEST_CASE("assembly: the most distant message is dropped when the capacity is exhausted")
{
    // A header and a piece.
    constexpr std::size_t beside = wire::handshake_header_size + tls::partial_message::bytes_a_piece;
    const original first{1'000, 1}, second{1'000, 2}, third{room - 2'000 - 3 * beside, 3};
    assembly_under_test assembly;
    assembly.adds(third.all());
    assembly.adds(first.all());
    assembly.adds(second.all());
    CHECK(assembly.size_bytes() == room);
    const original fourth{0, 4};
    assembly.drops(fourth.all(), drop_reason::handshake_out_of_order);
    assembly.adds(second.all());  // a duplicate, which needs no memory
    CHECK(assembly.has(3));

    const original zeroth{1, 0};
    assembly.adds(zeroth.all());
    CHECK_FALSE(assembly.has(3));
    assembly.gives(zeroth);
    assembly.gives(first);
    assembly.gives(second);
}

TEST_CASE("assembly: the overhead of single bytes with gaps counts against the capacity")
{
    constexpr std::size_t a_byte = 1 + tls::partial_message::bytes_a_piece;
    const original sent{room};
    assembly_under_test assembly;
    std::size_t taken = 0;
    for (std::size_t at = 0; at < room; at += 2)
        if (!assembly.add(sent.piece(at, at + 1))) ++taken;
    CHECK(taken < room / a_byte + 1);
    CHECK(taken > (room - tls::partial_message::max_beside) / a_byte - 2);
    CHECK(assembly.size_bytes() <= room);
    // A nearer message still finds capacity.
    const original nearer{100, 0};
    original far{room, 1};
    assembly_under_test other;
    for (std::size_t at = 0; at < room; at += 2) (void)other.add(far.piece(at, at + 1));
    other.adds(nearer.all());
    other.gives(nearer);
}

TEST_CASE("assembly: memory never exceeds the capacity, the overhead of pieces included")
{
    const original sent{3'000};
    for (std::size_t capacity = 100; capacity < 3'400; capacity += 7) {
        message_assembly assembly{capacity};
        for (std::size_t i = 0; i < 3'000; ++i) {
            (void)assembly.add(sent.piece(i, i + 1));
            REQUIRE(assembly.size_bytes() <= capacity);
        }
    }
}

TEST_CASE("assembly: a message at its limit of pieces accepts only fragments next to existing pieces")
{
    constexpr auto most = tls::partial_message::max_pieces;
    const original sent{4 * most};
    assembly_under_test assembly{100'000};
    for (std::size_t i = 0; i < most; ++i) assembly.adds(sent.piece(4 * i, 4 * i + 1));
    assembly.drops(sent.piece(4 * most - 1, 4 * most), drop_reason::handshake_out_of_order);
    for (std::size_t i = most; i-- > 0;) {
        assembly.adds(sent.piece(4 * i + 1, 4 * i + 2));
        if (i + 1 < most) assembly.adds(sent.piece(4 * i + 3, 4 * i + 4));
    }
    CHECK_FALSE(assembly.take(0));
    assembly.adds(sent.all());
    assembly.gives(sent);
}

TEST_CASE("assembly: bytes that arrive one by one need little more memory than their number")
{
    const original sent{32'768};
    const bool backwards = GENERATE(false, true);
    assembly_under_test assembly{100'000};
    for (std::size_t i = 0; i < sent.body.size(); ++i) {
        const auto at = backwards ? sent.body.size() - 1 - i : i;
        assembly.adds(sent.piece(at, at + 1));
        REQUIRE(assembly.size_bytes() <= i + 1 + i / 6 + 200);
    }
    assembly.gives(sent);
}

TEST_CASE("assembly: a whole message is split into as few fragments as possible, in order")
{
    const std::size_t size = GENERATE(0U, 1U, 487U, 488U, 489U, 976U, 977U, 3'000U);
    constexpr std::size_t most = 500;
    const original sent{size, 7};
    assembly_under_test assembly;
    assembly.adds(sent.all());
    auto whole = assembly.take(7);
    REQUIRE(whole);
    octets body;
    std::size_t fragments = 0;
    for (; !whole->done(); ++fragments) {
        const auto fragment = whole->next_fragment(most);
        CHECK(fragment.size() <= most);
        wire::reader in{fragment};
        const auto read = wire::read_handshake(in);
        REQUIRE(in.ok());
        CHECK(in.done());
        CHECK(read.type == sent.type);
        CHECK(read.message_seq == 7);
        CHECK(read.length == size);
        CHECK(read.fragment_offset == body.size());
        body.insert(body.end(), read.body.begin(), read.body.end());
    }
    CHECK(body == sent.body);
    const auto room_in_each = most - wire::handshake_header_size;
    CHECK(fragments == std::max<std::size_t>(1, (size + room_in_each - 1) / room_in_each));
}
