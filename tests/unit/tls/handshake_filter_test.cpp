#include "tls/handshake_filter.hpp"

#include "support/catch.hpp"
#include "support/tls_peer.hpp"

#include <array>

using namespace quivive;
using tls::handshake_filter;
using verdict = handshake_filter::action;

namespace {

constexpr std::array<std::byte, 200> zeros{};

wire::handshake_view fragment(std::uint16_t seq, std::uint32_t length, std::uint32_t offset, std::size_t size,
                              wire::handshake_type type = wire::handshake_type::certificate)
{
    return {type, length, seq, offset, wire::bytes{zeros}.first(size)};
}

struct filter_under_test : handshake_filter {
    explicit filter_under_test(std::uint16_t first, bool vouched = false)
        : handshake_filter{1'000, first, vouched}
    {
    }

    void takes(const wire::handshake_view& message) { CHECK(check(message).what == action::take); }
    void drops(const wire::handshake_view& message, drop_reason why)
    {
        const auto verdict = check(message);
        CHECK(verdict.what == action::drop);
        CHECK(verdict.why == why);
    }
    void refuses(const wire::handshake_view& message)
    {
        const auto verdict = check(message);
        CHECK(verdict.what == action::refuse);
        CHECK(verdict.why == drop_reason::oversized_handshake);
    }
};

}  // namespace

TEST_CASE("filter: the next message and others of the same flight are accepted (RFC 6347 4.2.2)")
{
    filter_under_test filter{5};
    CHECK(filter.next() == 5);
    filter.takes(fragment(5, 100, 0, 100));
    filter.takes(fragment(12, 100, 0, 100));
    filter.drops(fragment(13, 100, 0, 100), drop_reason::handshake_out_of_order);
    filter.drops(fragment(0xffff, 100, 0, 100), drop_reason::handshake_out_of_order);
    filter.taken(1);
    CHECK(filter.next() == 6);
    filter.takes(fragment(13, 100, 0, 100));
}

TEST_CASE("filter: a repeated message is dropped, and requests a retransmission once it was answered")
{
    filter_under_test filter{0};
    filter.takes(fragment(0, 100, 0, 100));
    filter.taken(1);
    filter.drops(fragment(0, 100, 0, 100), drop_reason::repeated_flight);
    filter.answered();
    const auto verdict = filter.check(fragment(0, 100, 0, 100));
    CHECK(verdict.what == verdict::repeat);
    CHECK(verdict.why == drop_reason::repeated_flight);
    filter.takes(fragment(1, 100, 0, 100));
}

TEST_CASE("filter: a late hello from before the cookie requests nothing")
{
    filter_under_test filter{1};
    filter.drops(fragment(0, 100, 0, 100), drop_reason::repeated_flight);
    filter.takes(fragment(1, 100, 0, 100));
    filter.taken(1);
    filter.answered();
    filter.drops(fragment(0, 100, 0, 100), drop_reason::repeated_flight);
    CHECK(filter.check(fragment(1, 100, 0, 100)).what == verdict::repeat);
}

TEST_CASE("filter: a forged message far ahead does not make the peer's next message stale")
{
    filter_under_test filter{0};
    filter.takes(fragment(7, 100, 0, 100));
    filter.takes(fragment(0, 100, 0, 100));
    filter.taken(1);
    filter.answered();
    filter.takes(fragment(1, 100, 0, 100));
}

TEST_CASE("filter: a claimed length above the limit is dropped, whatever the fragment holds")
{
    filter_under_test filter{0};
    filter.drops(fragment(0, 0xffffff, 0, 1), drop_reason::oversized_handshake);
    filter.drops(fragment(0, 1'001, 0, 200), drop_reason::oversized_handshake);
    filter.takes(fragment(0, 1'000, 800, 200));
}

TEST_CASE("filter: an oversized message is refused when more of it has arrived than the limit allows")
{
    filter_under_test filter{0};
    for (std::uint32_t offset = 0; offset < 1'000; offset += 200)
        filter.drops(fragment(0, 1'500, offset, 200), drop_reason::oversized_handshake);
    filter.refuses(fragment(0, 1'500, 1'000, 1));
}

TEST_CASE("filter: forged headers of oversized messages do not add up over several messages")
{
    filter_under_test filter{0};
    for (std::uint16_t seq = 0; seq < 4; ++seq) {
        for (int i = 0; i < 5; ++i)
            filter.drops(fragment(seq, 0xffffff, 0, 200), drop_reason::oversized_handshake);
        filter.takes(fragment(seq, 100, 0, 100));
        filter.taken(seq + 1U);
    }
    // Fragments of a past message or far ahead do not add up either.
    for (int i = 0; i < 20; ++i) {
        filter.drops(fragment(3, 1'500, 0, 200), drop_reason::oversized_handshake);
        filter.drops(fragment(12, 1'500, 0, 200), drop_reason::oversized_handshake);
    }
}

TEST_CASE("filter: an oversized hello is refused at its first fragment, and a later one is only dropped")
{
    const auto hello = [](std::uint32_t length) {
        return fragment(0, length, 0, 10, wire::handshake_type::client_hello);
    };
    filter_under_test filter{0, true};
    filter.refuses(hello(1'251));
    filter_under_test other{0, true};
    other.takes(hello(1'250));  // a quarter more, for a ticket that contains a message of full size
    other.drops(hello(1'251), drop_reason::oversized_handshake);
}

TEST_CASE("filter: a fragment must lie within its message")
{
    filter_under_test filter{0};
    filter.drops(fragment(0, 100, 0, 101), drop_reason::inconsistent_fragment);
    filter.drops(fragment(0, 100, 100, 1), drop_reason::inconsistent_fragment);
    filter.drops(fragment(0, 100, 0xffffff, 1), drop_reason::inconsistent_fragment);
    filter.takes(fragment(0, 100, 99, 1));
}

TEST_CASE("filter: CVE-2026-33845: an empty fragment of a non-empty message is dropped")
{
    filter_under_test filter{0};
    filter.drops(fragment(0, 100, 0, 0), drop_reason::inconsistent_fragment);
    filter.drops(fragment(0, 100, 50, 0), drop_reason::inconsistent_fragment);
    filter.takes(fragment(0, 0, 0, 0));  // as in a ServerHelloDone
}
