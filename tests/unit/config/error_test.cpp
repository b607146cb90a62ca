#include "quivive/error.hpp"

#include "support/catch.hpp"

#include <set>
#include <string>

using namespace quivive;

TEST_CASE("quivive's error category is a single object, and every errc has its own message")
{
    CHECK(&quivive_category() == &quivive_category());
    CHECK(quivive_category().name() == std::string{"quivive"});
    std::set<std::string> texts;
    const int first = static_cast<int>(errc::message_size), last = static_cast<int>(errc::export_failed);
    for (int code = first; code <= last; ++code) texts.insert(quivive_category().message(code));
    CHECK(texts.size() == static_cast<std::size_t>(last - first + 1));
    CHECK(quivive_category().message(last + 1) == "unknown quivive error");
    CHECK(texts.count("unknown quivive error") == 0);
}

TEST_CASE("An errc converts to an error_code")
{
    const error_code code = errc::idle_timeout;
    CHECK(code);
    CHECK(code == errc::idle_timeout);
    CHECK(code != errc::handshake_timeout);
    CHECK(&code.category() == &quivive_category());
    CHECK(!quivive_category().message(0).empty());
}

TEST_CASE("A config_error lists all problems, one per line")
{
    const config_error two{std::vector<std::string>{"a.pem: is empty", "pin: is none"}};
    CHECK(two.what() == std::string{"a.pem: is empty\npin: is none"});
    CHECK(two.problems() == std::vector<std::string>{"a.pem: is empty", "pin: is none"});

    const config_error one{"listen: nothing to listen on"};
    CHECK(one.what() == std::string{"listen: nothing to listen on"});
    CHECK(one.problems().size() == 1);
}

TEST_CASE("A config_error always has a problem")
{
    const config_error none{std::vector<std::string>{}};
    CHECK(none.problems().size() == 1);
    CHECK(!std::string{none.what()}.empty());
}
