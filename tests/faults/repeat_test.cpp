// Each call that protects a retransmitted record of the last flight anew fails. The record stays unchanged
// then, and the next retransmission is a new record again.
#include "faults/injection.hpp"
#include "support/catch.hpp"
#include "support/tls_pair.hpp"

using namespace quivive;
using namespace quivive::test;

namespace {

/// A server that has sent its last flight.
struct repeating_server {
    explicit repeating_server(const std::string& cipher)
        : pair{{}, {}, server_context_with(only_cipher(cipher)), client_context_with(only_cipher(cipher))}
    {
        pair.settle();
        REQUIRE(pair.both_done());
        const auto flight = pair.server->take_last_flight();
        const octets records{flight.records().begin(), flight.records().end()};
        const auto last = records_of(records).back().whole;
        finished.assign(last.begin(), last.end());
        protection = pair.server->take_protection();
    }
    [[nodiscard]] std::uint64_t number() const { return records_of(finished).front().sequence; }

    tls_pair pair;
    octets finished;
    std::unique_ptr<record::protection> protection;
};

}  // namespace

TEST_CASE("faults: a retransmitted record stays unchanged whichever call of its new protection fails")
{
    const std::string cipher = GENERATE("AES-128-CBC", "AES-128-CBC:%NO_ETM", "AES-128-GCM");
    CAPTURE(cipher);
    repeating_server server{cipher};
    REQUIRE(records_of(server.finished).front().epoch == 1);
    unsigned unchanged = 0;
    for (const auto* function : injectable::all())
        for (unsigned nth = 1;; ++nth) {
            CAPTURE(function, nth);
            const auto before = server.finished;
            const injection fault{function, nth};
            {
                const under_test now;
                server.protection->renew(server.finished);
            }
            if (!fault.reached()) break;
            // The code succeeded by another call.
            if (server.number() > records_of(before).front().sequence) continue;
            ++unchanged;
            CHECK(server.finished == before);
        }
    CHECK(unchanged >= 5);
    const auto last = server.number();
    server.protection->renew(server.finished);
    CHECK(server.number() > last);
}
