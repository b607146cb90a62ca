// A call fails while a session is transferred to another process. The session is then here or there, never
// twice.

#include "faults/credentials.hpp"
#include "faults/meeting.hpp"
#include "support/catch.hpp"
#include "tls/gnutls_aead.hpp"
#include "tls/sealed_blob.hpp"

#include <optional>

using namespace quivive;
using namespace quivive::test;

namespace {

const secret& shared_secret()
{
    static const auto key = *secret::from_hex("000102030405060708090a0b0c0d0e0f");
    return key;
}

/// Transfers the session by a blob. Returns whether it was imported.
bool transfer(meeting& from, meeting& to, const std::shared_ptr<record::aead_cache>& ciphers)
try {
    const under_test this_one;
    const auto saved = from.around().server->save(*from.session(), from.around().now);
    if (!saved) return false;
    const auto blob = tls::seal_blob(shared_secret(), sessions::encode(*saved), std::chrono::sys_seconds{});
    const auto opened = tls::open_blob(shared_secret(), blob);
    const auto read = opened ? sessions::decode(*opened) : std::nullopt;
    return read && to.around().server->import_session(*read, ciphers, to.around().now) ==
                       dispatch::import_outcome::imported;
} catch (const std::exception&) {
    return false;
}

/// Transfers a session with the nth call of this function failing. Returns whether the call was reached.
bool hands_over_with_a_fault(const manner& how, const char* function, unsigned nth)
{
    INFO(function << ", call " << nth);
    meeting from{how}, to{how};
    const auto ciphers = std::make_shared<record::aead_cache>(tls::make_gnutls_aead, 4);
    REQUIRE(from.connect(side::nobody));
    const injection fault{function, nth};
    const bool imported = transfer(from, to, ciphers);
    const bool reached = fault.reached();
    if (!reached) CHECK(imported);
    const std::size_t there = imported ? 1 : 0;
    CHECK(to.around().server->size() == there);
    CHECK(to.counted().sessions == there);
    CHECK(to.counted().sessions_imported == there);
    CHECK(from.echo("still here", side::nobody));  // it stays until `remove_exported`
    if (!imported) CHECK(transfer(from, to, ciphers));
    return reached;
}

unsigned fail_each_call(const manner& how, const char* function)
{
    unsigned nth = 1;
    while (hands_over_with_a_fault(how, function, nth)) ++nth;
    return nth - 1;
}

}  // namespace

TEST_CASE("faults: a session stays and can be transferred later whichever call of its transfer fails")
{
    const auto& how = all_manners().at(3);
    REQUIRE(how.ids);
    unsigned faults = 0;
    for (const auto* function : injectable::all()) faults += fail_each_call(how, function);
    CHECK(faults >= 8);
    CHECK(fail_each_call(how, "operator new") >= 8);
}
