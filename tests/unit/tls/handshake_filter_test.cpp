#include "tls/handshake_filter.hpp"

#include "support/catch.hpp"
#include "support/tls_peer.hpp"

#include <array>

using namespace quivive;
using tls::handshake_filter;
using verdict = handshake_filter::verdict;

namespace {

constexpr std::array<std::byte, 200> zeros{};

wire::handshake_view fragment(std::uint16_t seq, std::uint32_t length, std::uint32_t offset, std::size_t size,
                              wire::handshake_type type = wire::handshake_type::certificate)
{
    return {type, length, seq, offset, wire::bytes{zeros}.first(size)};
}

struct filter_under_test : handshake_filter {
    using handshake_filter::handshake_filter;

    void feeds(const wire::handshake_view& message) { CHECK(judge(message).what == verdict::feed); }
    void drops(const wire::handshake_view& message, drop_reason why)
    {
        const auto judged = judge(message);
        CHECK(judged.what == verdict::drop);
        CHECK(judged.why == why);
    }
};

wire::bytes payload_of(const test::octets& record) { return wire::bytes{record}.subspan(13); }

}  // namespace

TEST_CASE("filter: only the next message is fed and a later one is kept (RFC 6347 4.2.2)")
{
    filter_under_test filter{1'000, 5};
    filter.feeds(fragment(5, 100, 0, 100));
    CHECK(filter.judge(fragment(6, 100, 0, 100)).what == verdict::keep);
    CHECK(filter.judge(fragment(12, 100, 0, 100)).what == verdict::keep);
    filter.drops(fragment(13, 100, 0, 100), drop_reason::handshake_out_of_order);
    filter.drops(fragment(0xffff, 100, 0, 100), drop_reason::handshake_out_of_order);
    filter.taken(1);
    filter.feeds(fragment(6, 100, 0, 100));
}

TEST_CASE("filter: what is taken is dropped when repeated and asks for our flight once that has answered it")
{
    filter_under_test filter{1'000, 0};
    filter.feeds(fragment(0, 100, 0, 100));
    filter.taken(1);
    filter.drops(fragment(0, 100, 0, 100), drop_reason::repeated_flight);
    filter.answered();
    const auto judged = filter.judge(fragment(0, 100, 0, 100));
    CHECK(judged.what == verdict::repeat);
    CHECK(judged.why == drop_reason::repeated_flight);
    filter.feeds(fragment(1, 100, 0, 100));
}

TEST_CASE("filter: a late hello from before the cookie asks for nothing")
{
    filter_under_test filter{1'000, 1};
    filter.drops(fragment(0, 100, 0, 100), drop_reason::repeated_flight);
    filter.feeds(fragment(1, 100, 0, 100));
    filter.taken(1);
    filter.answered();
    filter.drops(fragment(0, 100, 0, 100), drop_reason::repeated_flight);
    CHECK(filter.judge(fragment(1, 100, 0, 100)).what == verdict::repeat);
}

TEST_CASE("filter: a forged message far ahead does not make the peer's next one an old one")
{
    filter_under_test filter{1'000, 0};
    CHECK(filter.judge(fragment(7, 100, 0, 100)).what == verdict::keep);
    filter.feeds(fragment(0, 100, 0, 100));
    filter.taken(1);
    filter.answered();
    filter.feeds(fragment(1, 100, 0, 100));
}

TEST_CASE("filter: a claimed length beyond the limit is dropped whatever the fragment has")
{
    filter_under_test filter{1'000, 0};
    filter.drops(fragment(0, 0xffffff, 0, 1), drop_reason::oversized_handshake);
    filter.drops(fragment(0, 1'001, 0, 200), drop_reason::oversized_handshake);
    filter.feeds(fragment(0, 1'000, 800, 200));
}

TEST_CASE("filter: a fragment lies within its message")
{
    filter_under_test filter{1'000, 0};
    filter.drops(fragment(0, 100, 0, 101), drop_reason::inconsistent_fragment);
    filter.drops(fragment(0, 100, 100, 1), drop_reason::inconsistent_fragment);
    filter.drops(fragment(0, 100, 0xffffff, 1), drop_reason::inconsistent_fragment);
    filter.feeds(fragment(0, 100, 99, 1));
}

TEST_CASE("filter: CVE-2026-33845: an empty fragment of a message that is not empty")
{
    filter_under_test filter{1'000, 0};
    filter.drops(fragment(0, 100, 0, 0), drop_reason::inconsistent_fragment);
    filter.drops(fragment(0, 100, 50, 0), drop_reason::inconsistent_fragment);
    filter.feeds(fragment(0, 0, 0, 0));  // as a ServerHelloDone is
}

TEST_CASE("filter: CVE-2026-33846: fragments that disagree on the length or the type of their message")
{
    filter_under_test filter{1'000, 0};
    filter.feeds(fragment(0, 100, 0, 50));
    filter.drops(fragment(0, 900, 50, 200), drop_reason::inconsistent_fragment);
    filter.drops(fragment(0, 100, 50, 50, wire::handshake_type::finished),
                 drop_reason::inconsistent_fragment);
    filter.feeds(fragment(0, 100, 50, 50));
    // The next message makes its own claim.
    filter.taken(1);
    filter.feeds(fragment(1, 900, 0, 50, wire::handshake_type::finished));
}

TEST_CASE("filter: CVE-2026-42009: duplicates are of one message only")
{
    filter_under_test filter{1'000, 0};
    filter.feeds(fragment(0, 100, 0, 50));
    filter.feeds(fragment(0, 100, 0, 50));
    CHECK(filter.judge(fragment(1, 100, 0, 50)).what == verdict::keep);
    CHECK(filter.judge(fragment(1, 100, 0, 50)).what == verdict::keep);
}

TEST_CASE("filter: a record holds whole headers and bodies and at most eight of them")
{
    const auto one = test::handshake_record(fragment(0, 10, 0, 10));
    CHECK_FALSE(handshake_filter::check_shape(payload_of(one)));
    for (std::size_t cut = 0; cut < 22; ++cut)
        CHECK(handshake_filter::check_shape(payload_of(one).first(cut)) ==
              drop_reason::inconsistent_fragment);

    test::octets many;
    for (int i = 0; i < 8; ++i) many.insert(many.end(), payload_of(one).begin(), payload_of(one).end());
    CHECK_FALSE(handshake_filter::check_shape(many));
    many.insert(many.end(), payload_of(one).begin(), payload_of(one).end());
    CHECK(handshake_filter::check_shape(many) == drop_reason::too_many_fragments);
}
