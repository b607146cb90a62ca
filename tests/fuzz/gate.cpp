// The gate: a cookie validates the hello that it was made for, at the address that it was sent to, for a
// limited time. Nothing else passes, and no answer is longer than its request.
#include "gate/gate.hpp"
#include "fuzz/support/hold.hpp"
#include "fuzz/support/input.hpp"
#include "gate/key_ring.hpp"
#include "support/seeded_tls.hpp"
#include "support/world.hpp"
#include "tls/cookies.hpp"
#include "tls/random.hpp"

#include <cstring>

using namespace quivive;
using namespace std::chrono_literals;
using fuzz::hold;

namespace {

constexpr std::size_t cookie_offset = 13 + 12 + 2 + 32;  // the session id follows, with its length

/// Returns the record with another cookie and adjusted lengths.
test::octets with_cookie(const wire::client_hello_view& hello, wire::bytes cookie)
{
    test::octets record{hello.record.begin(), hello.record.end()};
    const auto at = static_cast<std::ptrdiff_t>(cookie_offset + 1 + hello.session_id.size() + 1);
    record.erase(record.begin() + at, record.begin() + at + static_cast<std::ptrdiff_t>(hello.cookie.size()));
    record.insert(record.begin() + at, cookie.begin(), cookie.end());
    record[static_cast<std::size_t>(at) - 1] = static_cast<std::byte>(cookie.size());
    const auto change = cookie.size() - hello.cookie.size();  // may wrap, and the additions wrap back
    for (const auto& [offset, width] : {std::pair{11, 2}, std::pair{14, 3}, std::pair{22, 3}}) {
        const auto field =
            std::span{record}.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(width));
        wire::write_integer(field, wire::reader{field}.integer(field.size()) + change);
    }
    return record;
}

bool proven(gate::gate& gate, const test::octets& record, const wire::path& path, time_point now)
{
    const auto cut = wire::first_record(record);
    if (!cut) return false;
    const auto read = wire::read_client_hello(*cut);
    const auto* hello = std::get_if<wire::client_hello_view>(&read);
    return hello && gate.evaluate(*hello, path, false, now).validated;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    test::seed_tls_random(1);
    fuzz::input in{data, size};
    time_point now{1h};
    gate::gate gate{std::make_shared<const gate::rule_table>(cookie_policy{}), tls::make_gnutls_cookies(),
                    std::make_unique<gate::key_ring>(30s, tls::fill_random, now)};
    const auto path = test::world::path_of(1, 1000), other = test::world::path_of(2, 1000);
    const auto wait = std::chrono::seconds{in.below(120)};
    const auto flip = in.u8();

    const auto record = wire::first_record(in.rest());
    if (!record) return 0;
    const auto read = wire::read_client_hello(*record);
    const auto* hello = std::get_if<wire::client_hello_view>(&read);
    if (!hello) return 0;
    const auto verdict = gate.evaluate(*hello, path, false, now);
    hold(verdict.kind != gate::action::admit, "no hello is admitted without a valid cookie");
    tls::hello_verify_request answer;
    if (verdict.kind == gate::action::drop || !gate.challenge(*hello, path, now, answer)) return 0;
    hold(answer.size() <= hello->record.size(), "no answer is longer than its request");

    auto cookie = wire::bytes{answer}.subspan(13 + 12 + 3);
    auto second = with_cookie(*hello, cookie);
    // A first fragment may then no longer be shorter than the whole, and is no hello any more.
    if (!wire::first_record(second)) return 0;
    const auto again = wire::read_client_hello(*wire::first_record(second));
    if (!std::holds_alternative<wire::client_hello_view>(again)) return 0;
    hold(proven(gate, second, path, now), "the cookie validates its own hello");
    hold(!proven(gate, second, other, now), "the cookie validates no other address");
    auto bad = test::octets{cookie.begin(), cookie.end()};
    bad[flip % bad.size()] ^= std::byte{1} << (flip / bad.size() % 8);
    hold(!proven(gate, with_cookie(*hello, bad), path, now), "a cookie with a changed bit is invalid");
    const bool later = proven(gate, second, path, now + wait);
    hold(later || wait >= 30s, "a cookie is valid for one period");
    hold(!later || wait < 60s, "a cookie is valid for two periods at most");
    return 0;
}
