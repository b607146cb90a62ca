// The order in which the threads of `handshake_threads` run steps of handshakes, and when the queue is full.
#include "server/handshake_pool.hpp"

#include "dispatch/occupancy.hpp"
#include "server/shard.hpp"
#include "support/catch.hpp"
#include "support/hello_builder.hpp"
#include "support/world.hpp"
#include "unit/session/fake_parts.hpp"

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

using namespace quivive;
using namespace std::chrono_literals;
using dispatch::validation;
using runtime::handshake_pool;

namespace {

/// Handshakes that record when their step runs.
class noting_handshakes {
public:
    std::unique_ptr<dispatch::handshake_step> step(validation which, bool begun,
                                                   std::function<void()> when_fed)
    {
        auto& script = scripts_.emplace_back();
        script.when_fed = std::move(when_fed);
        const auto connection = std::make_shared<dispatch::connection>(
            path_, limits_, std::make_shared<sessions::message_pool>(1'000), time_point{});
        connection->pending = std::make_unique<dispatch::connection::pending_handshake>(
            occupancy_, *connection, which, tls::prestate{});
        if (which == validation::unvalidated)
            connection->pending->unvalidated = std::make_unique<dispatch::connection::unvalidated_state>();
        connection->pending->begun = begun;
        connection->begin(std::make_unique<test::fake_handshake>(script), time_point{});
        all_.push_back(connection);
        return std::make_unique<dispatch::handshake_step>(connection, test::hello_builder{}.record(), 0);
    }
    std::unique_ptr<dispatch::handshake_step> step(validation which, bool begun, const std::string& name)
    {
        return step(which, begun, [this, name] { done.push_back(name); });
    }

    std::vector<std::string> done;  ///< by the pool's only thread

private:
    const wire::path path_ = test::world::path_of(1, 1);
    std::shared_ptr<const limits> limits_ = std::make_shared<const limits>();
    dispatch::occupancy occupancy_{dispatch::hash_key{1, 2}, *limits_,
                                   std::make_shared<const gate::move_rules>()};
    std::deque<test::handshake_script> scripts_;
    std::vector<std::shared_ptr<dispatch::connection>> all_;
};

}  // namespace

TEST_CASE(
    "handshake pool: validated handshakes run before unvalidated ones, and started ones before new ones")
{
    noting_handshakes all;
    handshake_pool pool{1, 2};
    std::promise<void> begun, may_go_on, over;
    const auto give = [&](auto step) { CHECK_FALSE(pool.take(std::move(step), {})); };
    give(all.step(validation::unvalidated, false, [&] {
        begun.set_value();
        may_go_on.get_future().wait_for(20s);
    }));
    REQUIRE(begun.get_future().wait_for(20s) == std::future_status::ready);

    CHECK_FALSE(pool.full(validation::unvalidated));
    give(all.step(validation::unvalidated, false, [&] { over.set_value(); }));
    give(all.step(validation::unvalidated, true, "begun in doubt"));
    CHECK(pool.full(validation::unvalidated));
    CHECK_FALSE(pool.full(validation::validated));
    give(all.step(validation::validated, false, "a newcomer"));
    CHECK_FALSE(pool.full(validation::validated));
    give(all.step(validation::validated, true, "begun"));
    CHECK(pool.full(validation::validated));
    CHECK(pool.waiting() == 4);

    may_go_on.set_value();
    REQUIRE(over.get_future().wait_for(20s) == std::future_status::ready);
    pool.stop();
    CHECK(all.done == std::vector<std::string>{"begun", "a newcomer", "begun in doubt"});
    CHECK(pool.waiting() == 0);
}

TEST_CASE("handshake pool: slow unvalidated handshakes leave one of two threads to validated ones")
{
    noting_handshakes all;
    handshake_pool pool{2, 10};
    std::promise<void> begun, may_go_on, proven, over;
    const auto give = [&](auto step) { CHECK_FALSE(pool.take(std::move(step), {})); };
    give(all.step(validation::unvalidated, false, [&] {
        begun.set_value();
        may_go_on.get_future().wait_for(20s);
    }));
    REQUIRE(begun.get_future().wait_for(20s) == std::future_status::ready);
    give(all.step(validation::unvalidated, true, [&] { over.set_value(); }));
    give(all.step(validation::validated, false, [&] { proven.set_value(); }));
    REQUIRE(proven.get_future().wait_for(20s) == std::future_status::ready);
    CHECK(pool.waiting() == 1);
    may_go_on.set_value();
    REQUIRE(over.get_future().wait_for(20s) == std::future_status::ready);
    pool.stop();
}
