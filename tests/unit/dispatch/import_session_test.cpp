// Import of sessions from another process: which of them are indexed, and how their datagrams are routed.
#include "unit/dispatch/departure.hpp"
#include "unit/dispatch/mobile.hpp"

#include <cstdlib>
#include <limits>
#include <map>
#include <new>

namespace {

constexpr auto never = std::numeric_limits<std::size_t>::max();
/// Number of allocations that succeed from now on.
std::size_t allowed = never;

}  // namespace

// Catch2 allocates with the nothrow form and frees with the plain form. Not inlined, or the compiler would
// see `free` without its `malloc`.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    if (allowed == 0) return nullptr;
    if (allowed != never) --allowed;
    return std::malloc(size);
}
void* operator new(std::size_t size)
{
    if (void* const memory = operator new(size, std::nothrow)) return memory;
    throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace quivive;
using namespace quivive::test;
using dispatch::import_outcome;

TEST_CASE("transfer: an imported session without an id takes the address slot of a session that has an id")
{
    world to;
    mobile there{to};
    departure from{false};
    REQUIRE(from.client->path() == there.client->path());
    REQUIRE(to.server->import_session(from.save(), ciphers(), to.now) == import_outcome::imported);
    const auto session = to.listener.sessions.back();
    (void)to.route(from.client->path(), data_of(*from.client, "by address"));
    CHECK(read_all(*session) == std::vector<std::string>{"by address"});
    (void)to.route(there.client->path(), data_of(*there.client, "by id"));
    CHECK(read_all(*there.session) == std::vector<std::string>{"by id"});
    CHECK(to.counted().sessions == 2);

    departure another{false};
    CHECK(to.server->import_session(another.save(), ciphers(), to.now) == import_outcome::in_use);
}

TEST_CASE("transfer: an imported session with an id leaves the address slot to a session without an id")
{
    departure from{true};
    world to;
    auto& there = to.connect();
    to.use_ids();
    REQUIRE(to.server->import_session(from.save(), ciphers(), to.now) == import_outcome::imported);
    (void)to.route(from.client->path(), data_of(*from.client, "by id"));
    CHECK(read_all(*to.listener.sessions.back()) == std::vector<std::string>{"by id"});
    (void)to.route(there.path(), data_of(there, "by address"));
    CHECK(read_all(*to.listener.sessions.front()) == std::vector<std::string>{"by address"});
}

TEST_CASE("transfer: an import that runs out of memory either fails whole or leaves a reachable session")
{
    const bool ids = GENERATE(true, false);
    departure from{ids};
    const auto saved = from.save();
    const auto data = data_of(*from.client, "question");
    unsigned refused = 0;
    for (std::size_t most = 0;; ++most) {
        world to;
        if (ids) to.use_ids();
        to.listener.sessions.reserve(1);
        auto own_ciphers = ciphers();
        allowed = most;
        const auto result = to.server->import_session(saved, std::move(own_ciphers), to.now);
        const bool enough = std::exchange(allowed, never) > 0;
        const bool imported = result == import_outcome::imported;
        CHECK(to.server->size() == (imported ? 1U : 0U));
        CHECK(to.counted().sessions_imported == (imported ? 1U : 0U));
        CHECK((to.route(from.client->path(), data).disposition == dispatch::disposition::delivered) ==
              imported);
        if (!imported) ++refused;
        if (enough) break;
    }
    CHECK(refused > 2);
}

TEST_CASE("dispatcher: a visit of all sessions reaches each session once and no handshake")
{
    world around;
    auto& plain = around.connect(5);
    mobile m{around};
    auto& other = around.connect(1, 1'001);
    const auto others = around.session_of(other);
    const auto closing = around.session_of(around.connect(2));
    around.server->close(*closing, sessions::close_reason::closed_here, around.now, around);
    (void)around.begin(around.add_client(3));
    REQUIRE(around.server->half_open() == 1);
    m.client->move_to(1'001);  // to the address of `other`
    (void)around.route(m.client->path(), data_of(*m.client, "moved"));
    REQUIRE(m.session->path() == others->path());

    std::map<const dispatch::connection*, int> visits;
    around.server->for_each_session([&](const dispatch::connection& connection) { ++visits[&connection]; });
    const auto* const by_address = around.session_of(plain).get();
    CHECK(visits == std::map<const dispatch::connection*, int>{
                        {by_address, 1}, {m.session.get(), 1}, {others.get(), 1}, {closing.get(), 1}});
}
