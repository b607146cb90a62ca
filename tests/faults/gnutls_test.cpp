// Each GnuTLS function fails at its first call, at its second, and so on, for all calls of a meeting.

#include "faults/each_call.hpp"
#include "support/catch.hpp"

using namespace quivive;
using namespace quivive::test;

namespace {

void fail_all(const manner& how, side tested)
{
    const auto losses = usual_losses_of(how);
    unsigned functions = 0, faults = 0;
    for (const auto* function : injectable::all()) {
        const auto calls = fail_each_call(how, tested, function, losses);
        functions += calls > 0 ? 1 : 0;
        faults += calls;
    }
    INFO(functions << " functions, " << faults << " faults");
    CHECK(functions >= 10);
    CHECK(faults >= 15);
}

}  // namespace

TEST_CASE("faults: a server continues and counts the fault whichever GnuTLS call fails")
{
    const auto& how = GENERATE(from_range(all_manners()));
    INFO(how.name);
    fail_all(how, side::server);
}

TEST_CASE("faults: a client reports the fault and its server continues whichever GnuTLS call fails")
{
    const auto& how = GENERATE(from_range(all_manners()));
    INFO(how.name);
    fail_all(how, side::client);
}

TEST_CASE(
    "faults: a handshake that cannot send its connection id fails at once and a retransmitted hello succeeds")
{
    const auto& how = all_manners().at(3);
    REQUIRE(how.ids);
    for (const unsigned nth : {1U, 2U}) {
        meeting met{how};
        const injection fault{"gnutls_buffer_append_data", nth};
        CHECK(met.talk(side::server));
        CHECK(fault.reached());
        CHECK(met.counted().handshakes_failed == 1);
        CHECK(met.counted().handshakes_timed_out == 0);
    }
}
