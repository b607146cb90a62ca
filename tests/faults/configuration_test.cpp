// Each GnuTLS function fails in turn while a configuration is loaded. The configuration is then refused as a
// whole, with a reason.

#include "faults/credentials.hpp"
#include "support/catch.hpp"
#include "tls/fingerprint.hpp"

#include <functional>
#include <string_view>

using namespace quivive;
using namespace quivive::test;

namespace {

/// Makes each call of each function in `make` fail once. Returns the number of faults.
unsigned fail_each_call_of(const std::function<void()>& make)
{
    unsigned faults = 0;
    for (const auto* function : injectable::all())
        for (unsigned nth = 1;; ++nth) {
            INFO(function << ", call " << nth);
            const injection fault{function, nth};
            bool refused = false;
            try {
                const under_test this_one;
                make();
            } catch (const std::exception& error) {
                const under_test not_this{false};
                refused = true;
                CHECK(!std::string_view{error.what()}.empty());
            }
            if (!fault.reached()) {
                CHECK_FALSE(refused);
                break;
            }
            CHECK(refused);
            ++faults;
        }
    return faults;
}

}  // namespace

TEST_CASE("faults: a server configuration is refused when a GnuTLS call fails")
{
    const auto credentials = full_server_credentials();
    const auto options = full_options();
    CHECK(fail_each_call_of([&] { (void)tls::make_server_context(credentials, options); }) >= 20);
}

TEST_CASE("faults: a server that needs a throw-away certificate is refused when GnuTLS cannot make it")
{
    server_credentials credentials;
    credentials.self_signed_if_none = true;
    CHECK(fail_each_call_of([&] { (void)tls::make_server_context(credentials, {}); }) >= 20);
}

TEST_CASE("faults: a client configuration is refused when a GnuTLS call fails")
{
    const auto credentials = full_client_credentials();
    const auto options = full_options();
    CHECK(fail_each_call_of([&] { (void)tls::make_client_context(credentials, options); }) >= 10);

    client_credentials by_psk;
    by_psk.psk_identity = "me";
    by_psk.psk_key = *secret::from_hex("0123456789abcdef");
    CHECK(fail_each_call_of([&] { (void)tls::make_client_context(by_psk, {}); }) >= 4);

    client_credentials by_pin;
    by_pin.pin = server_context_of(all_manners().front())->pin();
    CHECK(fail_each_call_of([&] { (void)tls::make_client_context(by_pin, {}); }) >= 4);
}

TEST_CASE("faults: the result of a failed fingerprint never equals the fingerprint of the configuration")
{
    const auto credentials = full_server_credentials();
    const auto right = tls::fingerprint(credentials, full_options());
    const auto faults = fail_each_call_of([&] {
        if (tls::fingerprint(credentials, full_options()) != right) throw std::runtime_error{"none"};
    });
    CHECK(faults >= 20);
}
