// Handshakes that one side rejects: each is counted, and the log and the trace have the reason.
#include "support/certificates.hpp"
#include "support/conversation.hpp"
#include "support/temp_directory.hpp"
#include "support/text.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace quivive;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// A server, its log lines and the result of a client.
struct rejecting_server {
    explicit rejecting_server(server_config config)
    {
        config.log_level = log_level::info;
        config.log = [this](log_level level, std::string_view line) {
            lines.push_back((level == log_level::warning ? "warning: " : "info: ") + std::string{line});
        };
        served.emplace(io.get_executor(), config);
    }
    rejecting_server(const rejecting_server&) = delete;
    rejecting_server& operator=(const rejecting_server&) = delete;

    /// Runs a client until the handshake has failed on either side, or succeeded.
    error_code connect(client_config config)
    {
        std::optional<error_code> told;
        config.limits.handshake_timeout = 300ms;
        config.trace = [this](const trace_event& event) {
            if (event.kind == trace_kind::failed) traced = event.text;
        };
        async_connect(io.get_executor(), served->local_endpoints().front(), config,
                      [&](error_code why, const session&) { told = why; });
        test::run_until(io, [&] { return told.has_value(); });
        return *told;
    }

    asio::io_context io;
    std::vector<std::string> lines;
    std::string traced;  ///< by the client
    std::optional<server> served;
};

server_config server_showing(const test::issued& pair)
{
    auto config = test::loopback_config();
    config.credentials.certificate = pair.in_memory();
    return config;
}

client_config trusting_in(const std::string& ca_file)
{
    client_config config;
    config.credentials.ca_file = ca_file;
    config.credentials.server_name = "localhost";
    return config;
}

}  // namespace

TEST_CASE("RFC 6066 3: a server name that is not a DNS name is counted and logged")
{
    rejecting_server here{test::loopback_config()};
    here.served->serve(test::echo);
    auto client = test::trusting();
    client.credentials.server_name = "a_b";
    CHECK(here.connect(client) != error_code{});
    const auto counted = here.served->metrics();
    CHECK(counted.server_names_rejected == 1);
    CHECK(counted.handshakes_failed == 1);
    CHECK(test::any_has(here.lines, "warning: no handshake with 127.0.0.1:"));
    CHECK(test::any_has(here.lines, "no DNS name"));

    client.credentials.server_name = "a-b";
    CHECK(here.connect(client) == error_code{});
    CHECK(here.served->metrics().server_names_rejected == 1);
}

TEST_CASE("RFC 6066 3: an attempt accepted by hand reports a server name that is not a DNS name")
{
    rejecting_server here{test::loopback_config()};
    std::optional<error_code> told;
    std::optional<attempt> taken;
    here.served->async_accept([&](error_code why, attempt what) {
        CHECK_FALSE(why);
        taken.emplace(std::move(what));
        taken->async_accept([&](error_code rejected, const session&) { told = rejected; });
    });
    auto client = test::trusting();
    client.credentials.server_name = "a_b";
    CHECK(here.connect(client) != error_code{});
    test::run_until(here.io, [&] { return told.has_value(); });
    CHECK(*told == errc::server_name_rejected);
}

TEST_CASE("a rejected client certificate is logged with the reason and reported as certificate_rejected")
{
    const test::temp_directory directory;
    const auto ca = test::make_ca();
    auto config = server_showing(test::make_certificate());
    config.credentials.client_auth = client_certificates::require;
    config.credentials.client_ca_file = directory.write("ca.pem", ca.certificate);
    rejecting_server here{config};
    std::optional<error_code> told;
    std::optional<attempt> taken;
    here.served->async_accept([&](error_code why, attempt what) {
        CHECK_FALSE(why);
        taken.emplace(std::move(what));
        taken->async_accept([&](error_code rejected, const session&) { told = rejected; });
    });

    auto client = test::trusting();
    CHECK(here.connect(client) != error_code{});
    test::run_until(here.io, [&] { return told.has_value(); });
    CHECK(*told == errc::certificate_rejected);
    CHECK(test::any_has(here.lines, "info: no handshake with 127.0.0.1:"));
    CHECK(test::any_has(here.lines, "the peer's certificate was rejected: it sent none"));
    CHECK(here.served->metrics().handshakes_failed == 1);
}

TEST_CASE("a rejected server certificate is traced with the reason and reported as certificate_rejected")
{
    const test::temp_directory directory;
    const auto ca = test::make_ca();
    rejecting_server here{server_showing(test::make_certificate(test::make_ca("another")))};
    here.served->serve(test::echo);
    CHECK(here.connect(trusting_in(directory.write("ca.pem", ca.certificate))) == errc::certificate_rejected);
    CHECK(here.traced == "the peer's certificate was rejected: no trusted authority has signed it");
}
