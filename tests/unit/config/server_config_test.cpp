#include "config/server_config.hpp"
#include "config/ranges.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <functional>
#include <string>

using namespace quivive;
using namespace std::chrono_literals;

namespace {

server_config good()
{
    server_config config;
    config.listen = {parse_endpoint("127.0.0.1:4433").value()};
    return config;
}

struct fault {
    std::string key;  ///< the message must start with this key
    std::function<void(server_config&)> make;
};

std::vector<fault> faults()
{
    return {
        {"listen", [](auto& c) { c.listen.clear(); }},
        {"threads", [](auto& c) { c.threads = 1'025; }},
        {"handshake_threads", [](auto& c) { c.handshake_threads = 257; }},
        {"mtu", [](auto& c) { c.mtu = 255; }},
        {"mtu", [](auto& c) { c.mtu = 65'508; }},
        {"handshake_mtu", [](auto& c) { c.handshake_mtu = 0; }},
        {"receive_buffer", [](auto& c) { c.receive_buffer_bytes = 1'073'741'824; }},
        {"send_buffer", [](auto& c) { c.send_buffer_bytes = 1'073'741'824; }},
        {"cookies.rotate_every", [](auto& c) { c.cookies.rotate_every = 0ms; }},
        {"limits.max_sessions", [](auto& c) { c.limits.max_sessions = 0; }},
        {"credentials.ticket_lifetime", [](auto& c) { c.credentials.ticket_lifetime = 24h + 1ms; }},
        {"limits.max_sessions_per_source", [](auto& c) { c.limits.max_sessions_per_source = 1'000'000'001; }},
        {"limits.source_prefix_ipv4", [](auto& c) { c.limits.source_prefix_ipv4 = 33; }},
        {"limits.source_prefix_ipv6", [](auto& c) { c.limits.source_prefix_ipv6 = 0; }},
        {"limits.half_open_bytes_total", [](auto& c) { c.limits.half_open_bytes_total = 65'535; }},
        {"limits.max_half_open", [](auto& c) { c.limits.max_half_open = 0; }},
        {"limits.max_half_open_per_source", [](auto& c) { c.limits.max_half_open_per_source = 0; }},
        {"limits.handshake_queue", [](auto& c) { c.limits.handshake_queue = 0; }},
        {"limits.version_alerts_per_second",
         [](auto& c) { c.limits.version_alerts_per_second = 1'000'000'001; }},
        {"limits.max_unaccepted", [](auto& c) { c.limits.max_unaccepted = 0; }},
        {"limits.receive_queue_messages", [](auto& c) { c.limits.receive_queue_messages = 0; }},
        {"limits.receive_queue_bytes", [](auto& c) { c.limits.receive_queue_bytes = 0; }},
        {"limits.receive_queue_bytes_total", [](auto& c) { c.limits.receive_queue_bytes_total = 0; }},
        {"limits.ready_ciphers", [](auto& c) { c.limits.ready_ciphers = 0; }},
        {"limits.send_queue_datagrams", [](auto& c) { c.limits.send_queue_datagrams = 0; }},
        {"limits.max_datagram_bytes", [](auto& c) { c.limits.max_datagram_bytes = 511; }},
        {"limits.max_handshake_message_bytes", [](auto& c) { c.limits.max_handshake_message_bytes = 1'023; }},
        {"limits.early_records", [](auto& c) { c.limits.early_records = 65; }},
        {"limits.handshake_timeout", [](auto& c) { c.limits.handshake_timeout = 99ms; }},
        {"limits.unproven_timeout", [](auto& c) { c.limits.unproven_timeout = 99ms; }},
        {"limits.idle_timeout", [](auto& c) { c.limits.idle_timeout = -1ms; }},
        {"limits.retransmit_first", [](auto& c) { c.limits.retransmit_first = 49ms; }},
        {"limits.repeat_interval", [](auto& c) { c.limits.repeat_interval = -1ms; }},
        {"limits.repeat_burst", [](auto& c) { c.limits.repeat_burst = 0; }},
        {"limits.last_flight_kept", [](auto& c) { c.limits.last_flight_kept = -1ms; }},
        {"limits.last_flight_kept_after_data", [](auto& c) { c.limits.last_flight_kept_after_data = -1ms; }},
        {"limits.half_open_grace", [](auto& c) { c.limits.half_open_grace = -1ms; }},
        {"limits.alerted_handshake_grace", [](auto& c) { c.limits.alerted_handshake_grace = -1ms; }},
        {"limits.move_interval", [](auto& c) { c.limits.move_interval = -1ms; }},
        {"limits.path_check_timeout", [](auto& c) { c.limits.path_check_timeout = 99ms; }},
        {"limits.unvalidated_bytes_per_second", [](auto& c) { c.limits.unvalidated_bytes_per_second = 0; }},
        {"limits.unvalidated_bytes_per_second_total",
         [](auto& c) { c.limits.unvalidated_bytes_per_second_total = 0; }},
        {"limits.max_handed_over", [](auto& c) { c.limits.max_handed_over = 0; }},
        {"connection_ids.length", [](auto& c) { c.connection_ids.length = 7; }},
        {"connection_ids.rule[0].networks", [](auto& c) { c.connection_ids.rules.emplace_back(); }},
        {"connection_ids.enabled",
         [](auto& c) {
             c.connection_ids.enabled = true;
             c.record_layer = record_layer::attached;
         }},
        {"connection_ids.enabled",
         [](auto& c) {
             c.connection_ids.enabled = true;
             c.dtls_1_0 = true;
         }},
        {"limits.close_timeout", [](auto& c) { c.limits.close_timeout = -1ms; }},
    };
}

}  // namespace

TEST_CASE("validate: the defaults with an address to listen on are valid")
{
    CHECK(validate(good()).empty());
    CHECK(config::check(client_config{}).empty());
}

TEST_CASE("validate: each error is one sentence that starts with its key")
{
    for (const auto& fault : faults()) {
        CAPTURE(fault.key);
        auto config = good();
        fault.make(config);
        const auto problems = validate(config);
        REQUIRE(problems.size() == 1);
        CHECK(problems.front().starts_with(fault.key + ": "));
    }
}

TEST_CASE("validate: every member of `limits` has a range")
{
    for (const auto& limit : config::limit_table) {
        CAPTURE(limit.name);
        CHECK(std::ranges::any_of(
            faults(), [&](const fault& each) { return each.key == "limits." + std::string{limit.name}; }));
    }
    // Every member of `limits` needs an entry in the table: each member has 64 bits.
    if (sizeof(std::size_t) == 8) CHECK(sizeof(limits) == config::limit_table.size() * 8);
}

TEST_CASE("validate: a value is printed as in a configuration file")
{
    auto config = good();
    config.limits.handshake_timeout = 99ms;
    config.limits.max_datagram_bytes = 65'536;
    CHECK(validate(config) ==
          std::vector<std::string>{"limits.handshake_timeout: is 99ms; it must be 100ms..365d",
                                   "limits.max_datagram_bytes: is 64KiB; it must be 512..65507"});
}

TEST_CASE("validate: all problems are reported at once")
{
    auto config = good();
    std::size_t expected = 0;
    for (const auto& fault : faults()) {
        fault.make(config);
        ++expected;
    }
    CHECK(validate(config).size() == expected - 1);  // the MTU cannot be both too small and too large
}

TEST_CASE("validate: an address to listen on may not occur twice, unless its port is 0")
{
    auto config = good();
    config.listen.push_back(config.listen.front());
    REQUIRE(validate(config).size() == 1);
    CHECK(validate(config).front().find("127.0.0.1:4433 twice") != std::string::npos);
    config.listen = {parse_endpoint("127.0.0.1:0").value(), parse_endpoint("127.0.0.1:0").value()};
    CHECK(validate(config).empty());
}

TEST_CASE("validate: the limits of a range belong to the range")
{
    auto config = good();
    config.mtu = 256;
    config.handshake_mtu = 65'507;
    config.threads = 0;
    config.limits.idle_timeout = 0ms;
    config.limits.early_records = 0;
    config.limits.max_sessions = config.limits.max_half_open = 1;
    CHECK(validate(config).empty());
}

TEST_CASE("A client's configuration is checked in the same way")
{
    client_config config;
    config.mtu = 1;
    config.limits.handshake_timeout = 0ms;
    CHECK(config::check(config).size() == 2);
}
