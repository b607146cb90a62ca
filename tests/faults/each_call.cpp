#include "faults/each_call.hpp"

#include "support/catch.hpp"

namespace quivive::test {

namespace {

/// Runs a meeting. Returns whether it reached the failing call.
bool meets_a_fault(const manner& how, side tested, const injection& fault, std::uint64_t usual_losses)
{
    meeting met{how};
    const bool good = met.talk(tested);
    met.wind_up(tested);
    const bool reached = fault.reached();
    met.check_books();
    if (!reached) CHECK(good);
    const bool told = tested == side::server ? met.losses() > usual_losses : met.client_has_told();
    if (!good) CHECK(told);

    CHECK(met.talk(side::nobody));
    met.wind_up(side::nobody);
    met.check_books();
    return reached;
}

}  // namespace

std::uint64_t usual_losses_of(const manner& how)
{
    meeting met{how};
    REQUIRE(met.talk(side::nobody));
    REQUIRE_FALSE(met.client().has_complained());
    return met.losses();
}

unsigned fail_each_call(const manner& how, side tested, const char* function, std::uint64_t usual_losses)
{
    constexpr unsigned endless = 5'000;
    for (unsigned nth = 1; nth < endless; ++nth) {
        INFO(function << ", call " << nth);
        const injection fault{function, nth};
        if (!meets_a_fault(how, tested, fault, usual_losses)) return nth - 1;
    }
    FAIL(function << ": the calls do not end");
    return endless;
}

}  // namespace quivive::test
