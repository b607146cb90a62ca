#include "session/saved_session.hpp"
#include "support/catch.hpp"
#include "support/tls_pair.hpp"

#include <algorithm>
#include <random>

// The reader of a saved session gets sealed bytes. It must also survive any other bytes, in case the seal
// fails.

using namespace quivive;
using sessions::saved_session;
using test::octets;

namespace {

/// Returns a session of random shape.
saved_session some_session(std::mt19937& random)
{
    const auto some = [&](std::size_t most) {
        return octets(random() % (most + 1), static_cast<std::byte>(random()));
    };
    saved_session saved;
    const octets key(32, static_cast<std::byte>(random())), iv(12, std::byte{0x22});
    saved.keys = {record::all_ciphers[random() % record::all_ciphers.size()],
                  {key, iv},
                  {key, iv},
                  static_cast<std::uint16_t>(64 + random() % 1'000),
                  std::uint64_t{1} << 48 | random(),
                  {}};
    if (random() % 2 == 0) {
        auto& ids = saved.ids.emplace();
        ids.own = wire::own_connection_id{some(wire::own_connection_id::max_size)};
        ids.peers = wire::peers_connection_id{some(wire::peers_connection_id::max_size)};
    }
    saved.facts.cipher_suite = std::string(random() % 40, 'x');
    saved.facts.application = some(20);
    saved.last_flight = some(200);
    for (auto messages = random() % 4; messages > 0; --messages) {
        const auto text = some(30);
        saved.unread.emplace_back(text.begin(), text.end());
    }
    return saved;
}

/// Changes the bytes: other bits or bytes, a false length, another end, or a piece of `other`.
void spoil(octets& bytes, const octets& other, std::mt19937& random)
{
    const auto at = random() % bytes.size();
    const auto offset = static_cast<std::ptrdiff_t>(at);
    switch (random() % 5) {
        case 0:
            bytes[at] ^= std::byte{1} << random() % 8;
            break;
        case 1:
            bytes[at] = static_cast<std::byte>(random());
            break;
        case 2:
            if (at + 4 <= bytes.size())
                wire::write_integer(std::span{bytes}.subspan(at, 4),
                                    random() % 2 ? random() % 64 : 0xffffffff);
            break;
        case 3:
            bytes.resize(1 + random() % (bytes.size() + 20));
            break;
        default: {
            const auto size = static_cast<std::ptrdiff_t>(std::min(bytes.size(), other.size()));
            std::copy(other.begin() + std::min(offset, size), other.begin() + size,
                      bytes.begin() + std::min(offset, size));
        }
    }
}

}  // namespace

TEST_CASE("saved session: decoded bytes encode to the same length and to a stable form")
{
    std::mt19937 random{4};
    std::size_t read_well = 0, refused = 0;
    for (int round = 0; round < 3'000; ++round) {
        auto bytes = sessions::encode(some_session(random));
        const auto other = sessions::encode(some_session(random));
        for (auto changes = random() % 4; changes > 0; --changes) spoil(bytes, other, random);
        bytes.shrink_to_fit();
        const auto read = sessions::decode(bytes);
        ++(read ? read_well : refused);
        if (!read) continue;
        // A value with more than one form (a flag, too long a time) is written in its canonical form, which
        // is stable.
        const auto written = sessions::encode(*read);
        // The first version had no size limit at its end.
        const std::size_t added = bytes.front() == std::byte{1} ? 2 : 0;
        if (written.size() != bytes.size() + added) FAIL_CHECK("of another size, round " << round);
        const auto again = sessions::decode(written);
        if (!again || sessions::encode(*again) != written)
            FAIL_CHECK("read as something else, round " << round);
    }
    CHECK(read_well > 1'000);
    CHECK(refused > 300);
}

TEST_CASE("saved session: a false count of messages costs neither time nor memory")
{
    std::mt19937 random{5};
    auto saved = some_session(random);
    saved.unread.clear();
    auto bytes = sessions::encode(saved);
    for (const std::uint64_t count : {1ULL, 2ULL, 0x7fffffffULL, 0xffffffffULL}) {
        wire::write_integer(std::span{bytes}.last(4 + 2).first(4), count);
        CHECK(!sessions::decode(bytes));
    }
}
