#include "quivive/error.hpp"

#include "support/catch.hpp"
#include "tls/handles.hpp"

#include "quivive/version.hpp"

using namespace quivive;

TEST_CASE("GnuTLS's category is one object, and speaks GnuTLS's words")
{
    CHECK(&tls_category() == &tls_category());
    CHECK(tls_category().name() == std::string{"gnutls"});
    const error_code timed_out{GNUTLS_E_TIMEDOUT, tls_category()};
    CHECK(timed_out.message() == "The operation timed out");
    CHECK(timed_out != error_code{GNUTLS_E_TIMEDOUT, quivive_category()});
}

TEST_CASE("GnuTLS's category has a text for codes that GnuTLS does not know")
{
    CHECK(!tls_category().message(-99'999).empty());
    CHECK(!tls_category().message(77).empty());
}

TEST_CASE("A failed call of GnuTLS is thrown with its code and the function's name")
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

TEST_CASE("The versions of quivive and of GnuTLS are told")
{
    CHECK(version() == "0.1.0");
    CHECK(gnutls_version() == gnutls_check_version(nullptr));
}

TEST_CASE("A datum that is moved from owns nothing")
{
    tls::datum first;
    const auto text = tls::as_datum("abc");
    tls::check(gnutls_base64_encode2(&text, first.out()), "gnutls_base64_encode2");
    tls::datum second{std::move(first)};
    CHECK(second.text() == "YWJj");
    CHECK(first.bytes().empty());  // NOLINT: what a move leaves behind is what is tested
    first = std::move(second);
    CHECK(first.text() == "YWJj");
}
