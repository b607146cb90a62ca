#include "tls/message_forecast.hpp"

#include "support/catch.hpp"
#include "support/seeded_random.hpp"
#include "support/tls_pair.hpp"
#include "tls/message_assembly.hpp"

#include <vector>

using namespace quivive;
using test::octets;

namespace {

/// Two messages of one length with different content, of which a test can make any fragments.
struct versions {
    explicit versions(std::size_t size) : first(size, std::byte{1}), second(size, std::byte{1})
    {
        second[size / 2] = std::byte{2};
    }
    [[nodiscard]] static wire::handshake_view piece(const octets& of, std::size_t from, std::size_t to)
    {
        return {wire::handshake_type::certificate, static_cast<std::uint32_t>(of.size()), 0,
                static_cast<std::uint32_t>(from), wire::bytes{of}.subspan(from, to - from)};
    }
    octets first, second;
};

/// Adds the fragments of one record; returns whether one of them completes the message.
bool adds_up(tls::message_assembly& assembly, const std::vector<wire::handshake_view>& fragments)
{
    for (const auto& each : fragments) {
        (void)assembly.add(each);
        if (assembly.take(0)) return true;
    }
    return false;
}

bool foreseen(const tls::message_assembly& assembly, const std::vector<wire::handshake_view>& fragments)
{
    auto forecast = assembly.forecast(0);
    for (const auto& each : fragments)
        if (forecast.whole_with(each)) return true;
    return false;
}

}  // namespace

TEST_CASE("forecast: it predicts exactly whether a record completes a message")
{
    constexpr std::size_t size = 24;
    const versions of{size};
    test::seeded_random random{17};
    std::size_t whole = 0, anew = 0;
    for (int run = 0; run < 4'000; ++run) {
        tls::message_assembly assembly{4'096};
        for (int record = 0; record < 20; ++record) {
            std::vector<wire::handshake_view> fragments;
            for (auto count = random.between(1, 8); count > 0; --count) {
                const auto from = random.below(size), to = random.between(from + 1, size);
                fragments.push_back(versions::piece(random.chance(0.2) ? of.second : of.first, from, to));
            }
            const bool begun = assembly.has(0), expected = foreseen(assembly, fragments);
            const bool came = adds_up(assembly, fragments);
            CAPTURE(run, record, begun);
            // For a message without earlier fragments a whole one counts, whatever precedes it in the record.
            REQUIRE((expected == came || (expected && !begun)));
            whole += came && begun ? 1U : 0U;
            anew += came && !begun ? 1U : 0U;
            if (came) break;
        }
    }
    CHECK(whole > 1'000);
    CHECK(anew > 100);
}

TEST_CASE("forecast: overlapping pieces of one record count once")
{
    const versions of{100};
    tls::message_assembly assembly{4'096};
    REQUIRE_FALSE(assembly.add(versions::piece(of.first, 40, 50)));
    auto forecast = assembly.forecast(0);
    CHECK_FALSE(forecast.whole_with(versions::piece(of.first, 0, 45)));
    CHECK_FALSE(forecast.whole_with(versions::piece(of.first, 0, 45)));
    CHECK_FALSE(forecast.whole_with(versions::piece(of.first, 30, 99)));
    CHECK_FALSE(forecast.whole_with(versions::piece(of.first, 49, 99)));
    CHECK(forecast.whole_with(versions::piece(of.first, 98, 100)));
    CHECK_FALSE(assembly.forecast(1).whole_with(versions::piece(of.first, 0, 99)));  // another message
}

TEST_CASE("forecast: a whole message counts if nothing has arrived yet, whatever precedes it in its record")
{
    const versions of{100};
    tls::message_forecast forecast;
    CHECK_FALSE(forecast.whole_with(versions::piece(of.first, 0, 60)));
    CHECK(forecast.whole_with(versions::piece(of.second, 0, 100)));
}
