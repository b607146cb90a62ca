#include "quivive/error.hpp"

#include "support/catch.hpp"
#include "tls/handles.hpp"

#include "quivive/version.hpp"

using namespace quivive;

TEST_CASE("GnuTLS's error category is a single object and returns GnuTLS's messages")
{
    CHECK(&tls_category() == &tls_category());
    CHECK(tls_category().name() == std::string{"gnutls"});
    const error_code timed_out{GNUTLS_E_TIMEDOUT, tls_category()};
    CHECK(timed_out.message() == "The operation timed out");
    CHECK(timed_out != error_code{GNUTLS_E_TIMEDOUT, quivive_category()});
}

TEST_CASE("GnuTLS's error category has a text for codes that GnuTLS does not define")
{
    CHECK(!tls_category().message(-99'999).empty());
    CHECK(!tls_category().message(77).empty());
}

TEST_CASE("A failed GnuTLS call throws its code and the name of the function")
{
    CHECK(tls::check(3, "counts pass") == 3);
    try {
        tls::check(GNUTLS_E_INVALID_REQUEST, "gnutls_something");
        FAIL("nothing was thrown");
    } catch (const boost::system::system_error& e) {
        CHECK(e.code() == error_code{GNUTLS_E_INVALID_REQUEST, tls_category()});
        CHECK(std::string{e.what()}.find("gnutls_something") == 0);
    }
}

TEST_CASE("The versions of quivive and GnuTLS are available at run time")
{
    CHECK(version() == "0.1.0");
    CHECK(gnutls_version() == gnutls_check_version(nullptr));
}

TEST_CASE("A moved-from datum owns nothing")
{
    tls::datum first;
    const auto text = tls::as_datum("abc");
    tls::check(gnutls_base64_encode2(&text, first.out()), "gnutls_base64_encode2");
    tls::datum second{std::move(first)};
    CHECK(second.text() == "YWJj");
    CHECK(first.bytes().empty());  // NOLINT: tests the state after a move
    first = std::move(second);
    CHECK(first.text() == "YWJj");
}
