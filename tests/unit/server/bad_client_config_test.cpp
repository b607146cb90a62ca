// An invalid client configuration: the operation reports the error and the program continues.
#include "support/conversation.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

using namespace quivive;
namespace asio = boost::asio;

namespace {

struct fault {
    const char* what;  ///< named in the message
    std::function<void(client_config&)> make;
    bool in_a_file;
};

std::vector<fault> faults()
{
    return {{"mtu", [](client_config& c) { c.mtu = 10; }, false},
            {"send_queue_datagrams", [](client_config& c) { c.limits.send_queue_datagrams = 0; }, false},
            {"/none.pem", [](client_config& c) { c.credentials.ca_file = "/none.pem"; }, true},
            {"NONSENSE", [](client_config& c) { c.priority = "NONSENSE"; }, true}};
}

}  // namespace

TEST_CASE(
    "bad client config: the connect completes with an error in the coroutine, and the trace has the text")
{
    for (const auto& one : faults()) {
        INFO(one.what);
        std::string traced;
        client_config config;
        config.credentials.insecure = !one.in_a_file || one.what != std::string{"/none.pem"};
        one.make(config);
        config.trace = [&](const trace_event& event) {
            if (event.kind == trace_kind::failed) traced += event.text;
        };
        std::optional<error_code> caught;
        asio::io_context io;
        test::run(io, [&]() -> asio::awaitable<int> {
            try {
                (void)co_await async_connect(io.get_executor(), {asio::ip::address_v4::loopback(), 4433},
                                             config, asio::use_awaitable);
            } catch (const boost::system::system_error& error) {
                caught = error.code();
            }
            co_return 0;
        }());
        CHECK(caught == make_error_code(errc::bad_configuration));
        CHECK(traced.find(one.what) != std::string::npos);

        const auto problems = one.in_a_file ? validate_files(config) : validate(config);
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().find(one.what) != std::string::npos);
        CHECK((one.in_a_file ? validate(config) : validate_files(config)).empty());
    }
}

TEST_CASE("bad client config: an address that cannot be bound is reported as a system error")
{
    client_config config = test::trusting();
    config.bind = asio::ip::udp::endpoint{asio::ip::make_address("192.0.2.1"), 0};
    asio::io_context io;
    const auto why = test::run(io, [&]() -> asio::awaitable<error_code> {
        auto [error, none] = co_await async_connect(
            io.get_executor(), {asio::ip::address_v4::loopback(), 4433}, config, test::as_values);
        co_return error;
    }());
    CHECK(why == boost::system::errc::address_not_available);
}
