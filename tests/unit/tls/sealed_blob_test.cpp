#include "tls/sealed_blob.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <random>
#include <set>

using namespace quivive;
using namespace quivive::tls;

namespace {

const std::chrono::sys_seconds noon{std::chrono::seconds{1'700'000'000}};
using octets = std::vector<std::byte>;

secret some_secret() { return secret{octets(32, std::byte{0x5e})}; }

}  // namespace

TEST_CASE("sealed blob: the secret opens it, and its name is readable without the secret")
{
    const octets content(300, std::byte{0x42});
    const auto blob = seal_blob(some_secret(), content, noon);
    CHECK(open_blob(some_secret(), blob) == content);
    const auto name = name_of_blob(blob);
    REQUIRE(name);
    CHECK(name->made == noon);
    CHECK(blob.size() < content.size() + 64);
    CHECK(open_blob(some_secret(), seal_blob(some_secret(), {}, noon)) == octets{});
}

TEST_CASE("sealed blob: it is refused if any byte is changed or if it is truncated")
{
    const auto blob = seal_blob(some_secret(), octets(40, std::byte{0x42}), noon);
    for (std::size_t at = 0; at < blob.size(); ++at) {
        auto changed = blob;
        changed[at] ^= std::byte{1};
        CHECK(!open_blob(some_secret(), changed));
        CHECK(!open_blob(some_secret(), std::span{blob}.first(at)));
    }
    auto longer = blob;
    longer.push_back(std::byte{0});
    CHECK(!open_blob(some_secret(), longer));
    CHECK(!open_blob(secret{octets(32, std::byte{0x5f})}, blob));
}

TEST_CASE("sealed blob: one of the previous format is refused and has no name")
{
    auto former = seal_blob(some_secret(), octets(40, std::byte{0x42}), noon);
    const auto version = std::ranges::find(former, std::byte{'2'});
    REQUIRE(version - former.begin() == 16);
    *version = std::byte{'1'};
    CHECK(!name_of_blob(former));
    CHECK(!open_blob(some_secret(), former));
}

TEST_CASE("sealed blob: a secret bound to one place does not open blobs of another place")
{
    const auto here = bind_secret(some_secret(), wire::as_bytes("here"));
    const auto there = bind_secret(some_secret(), wire::as_bytes("there"));
    CHECK(bind_secret(some_secret(), wire::as_bytes("here")).bytes() == here.bytes());
    const auto blob = seal_blob(here, octets(40, std::byte{0x42}), noon);
    CHECK(open_blob(here, blob));
    CHECK(!open_blob(there, blob));
    CHECK(!open_blob(some_secret(), blob));
}

TEST_CASE("sealed blob: blobs of the same content differ and do not reveal it")
{
    const octets content(64, std::byte{0x42});
    std::set<octets> seen;
    for (int i = 0; i < 100; ++i) {
        const auto blob = seal_blob(some_secret(), content, noon);
        CHECK(std::ranges::search(blob, octets(4, std::byte{0x42})).empty());
        seen.insert(blob);
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("sealed blob: corrupted blobs do not open, and too short ones have no name")
{
    std::mt19937 random{5'297};
    const auto one = seal_blob(some_secret(), octets(90, std::byte{0x42}), noon);
    const auto two = seal_blob(some_secret(), octets(200, std::byte{0x43}), noon);
    for (int round = 0; round < 5'000; ++round) {
        auto blob = random() % 2 ? one : two;
        const auto& other = random() % 2 ? one : two;
        for (auto changes = 1 + random() % 4; changes > 0; --changes) {
            const auto at = random() % (blob.size() + 1);
            if (random() % 4 == 0)  // the front of one, the end of the other
                blob.resize(at),
                    blob.insert(blob.end(),
                                other.begin() + static_cast<std::ptrdiff_t>(std::min(at, other.size())),
                                other.end());
            else if (random() % 4 == 0)
                blob.resize(at);
            else if (at < blob.size())
                blob[at] = static_cast<std::byte>(random());
        }
        blob.shrink_to_fit();
        if (blob == one || blob == two) continue;
        if (open_blob(some_secret(), blob)) FAIL_CHECK("opened, round " << round);
        if (name_of_blob(blob) && blob.size() < 18 + 16 + 8 + 16) FAIL_CHECK("named, round " << round);
    }
    CHECK(open_blob(some_secret(), one));
}
