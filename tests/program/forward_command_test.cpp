#include "program/forward_command.hpp"

#include "support/catch.hpp"
#include "support/text.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

using quivive::program::forward_command;
using quivive::test::has;

namespace {

/// Returns the error message for `arguments`; empty if there is none.
std::string objection_to(const std::string& arguments)
{
    CLI::App app;
    forward_command forward{app};
    // Splits the words as a shell does: CLI11 2.4 reads brackets in a single string as a group.
    std::istringstream text{"forward " + arguments};
    std::vector<std::string> words{std::istream_iterator<std::string>{text}, {}};
    std::ranges::reverse(words);  // the order that CLI11 requires
    try {
        app.parse(words);
    } catch (const CLI::ParseError& objection) {
        return objection.what();
    }
    return forward.was_called() ? "" : "it was not called";
}

}  // namespace

TEST_CASE("forward: the command line names the addresses of the server and of the service")
{
    CHECK(objection_to("--listen 127.0.0.1:0 --listen [::1]:0 --to 127.0.0.1:5683") == "");
    CHECK(objection_to("--listen 127.0.0.1:0 --to [::1]:5683 --idle-timeout 0") == "");
}

TEST_CASE(
    "forward: a service without a port or an address is refused, and the message shows the correct form")
{
    const auto no_port = objection_to("--listen 127.0.0.1:0 --to 127.0.0.1:0");
    CHECK(has(no_port, "--to"));
    CHECK(has(no_port, "a port above 0"));
    CHECK(has(objection_to("--listen 127.0.0.1:0 --to localhost:5683"), "ADDR:PORT"));
    CHECK(has(objection_to("--listen 127.0.0.1:0 --to 127.0.0.1:5683 --to 127.0.0.1:5684"), "--to"));
    CHECK(has(objection_to("--listen 127.0.0.1:0 --to 127.0.0.1:5683 --idle-timeout soon"), "seconds"));
}
