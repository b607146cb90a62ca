#include "program/sequence_diagram.hpp"
#include "quivive/server_config.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace std::chrono_literals;
using quivive::trace_event;
using quivive::trace_kind;
using quivive::program::sequence_diagram;

namespace {

/// A sequence diagram that stores its lines, and functions that add events to it.
struct drawing {
    explicit drawing(sequence_diagram::side side = sequence_diagram::side::server, std::size_t max_peers = 16)
        : under_test{side, [this](std::string_view line) { lines.emplace_back(line); }, max_peers}
    {
    }

    void note(trace_kind kind, std::chrono::microseconds at, std::string_view text, std::size_t bytes = 0,
              const char* peer = "127.0.0.1:40312")
    {
        const auto start = std::chrono::steady_clock::time_point{} + 1h;
        under_test.note({kind, start + at, *quivive::parse_endpoint("127.0.0.1:4433"),
                         *quivive::parse_endpoint(peer), bytes, text});
    }

    [[nodiscard]] std::size_t beginnings() const
    {
        std::size_t count = 0;
        for (const auto& line : lines) count += std::size_t{line.find("┌") != std::string::npos};
        return count;
    }

    std::vector<std::string> lines;
    sequence_diagram under_test;
};

std::string times(int count, const std::string& what)
{
    std::string all;
    for (int i = 0; i < count; ++i) all += what;
    return all;
}

}  // namespace

TEST_CASE("a sequence diagram shows flights in both directions, their sizes and times since the first flight")
{
    drawing d;
    d.note(trace_kind::received, 0us, "ClientHello", 219);
    d.note(trace_kind::sent, 101us, "HelloVerifyRequest", 44);
    d.note(trace_kind::established, 2'345us, "AES-128-GCM");
    d.note(trace_kind::closed, 1'002'345us, "eof");

    const std::string peer = "127.0.0.1:40312        ";
    CHECK(d.lines == std::vector<std::string>{
                         peer + "┌ client 127.0.0.1:40312, server 127.0.0.1:4433",
                         peer + "│    0.000 ms  ClientHello " + times(55, "─") + "▶    219 B",
                         peer + "│    0.101 ms  ◀" + times(48, "─") + " HelloVerifyRequest     44 B",
                         peer + "├    2.345 ms  established: AES-128-GCM",
                         peer + "└ 1002.345 ms  closed: eof",
                     });
}

TEST_CASE("the client is on the left, whichever side draws the diagram")
{
    drawing d{sequence_diagram::side::client};
    d.note(trace_kind::sent, 0us, "ClientHello", 219);
    d.note(trace_kind::received, 10us, "HelloVerifyRequest", 44);

    CHECK(d.lines.at(0).find("client 127.0.0.1:4433, server 127.0.0.1:40312") != std::string::npos);
    CHECK(d.lines.at(1).find("ClientHello ──") != std::string::npos);
    CHECK(d.lines.at(2).find("◀──") != std::string::npos);
}

TEST_CASE("a text wider than the diagram keeps its arrow and its size")
{
    drawing d;
    d.note(trace_kind::sent, 0us, std::string(200, 'x'), 1'200);
    CHECK(d.lines.at(1).ends_with("◀── " + std::string(200, 'x') + "   1200 B"));
}

TEST_CASE("concurrent handshakes have separate times")
{
    drawing d;
    d.note(trace_kind::received, 0ms, "ClientHello", 219, "[2001:db8::1]:1");
    d.note(trace_kind::received, 5ms, "ClientHello", 219, "[2001:db8::2]:1");
    d.note(trace_kind::sent, 6ms, "HelloVerifyRequest", 44, "[2001:db8::1]:1");
    d.note(trace_kind::sent, 7ms, "HelloVerifyRequest", 44, "[2001:db8::2]:1");

    CHECK(d.beginnings() == 2);
    CHECK(d.lines.at(4).starts_with("[2001:db8::1]:1"));
    CHECK(d.lines.at(4).find(" 6.000 ms") != std::string::npos);
    CHECK(d.lines.at(5).starts_with("[2001:db8::2]:1"));
    CHECK(d.lines.at(5).find(" 2.000 ms") != std::string::npos);
}

TEST_CASE(
    "a ClientHello starts a new diagram after a handshake or a long silence, but not within a handshake")
{
    drawing d;
    d.note(trace_kind::received, 0ms, "ClientHello");
    d.note(trace_kind::received, 1ms, "ClientHello");
    CHECK(d.beginnings() == 1);

    SECTION("an established session is replaced by a new handshake, RFC 6347 4.2.8")
    {
        d.note(trace_kind::established, 2ms, "");
        d.note(trace_kind::received, 3ms, "ChangeCipherSpec");
        CHECK(d.beginnings() == 1);
        d.note(trace_kind::received, 4ms, "ClientHello");
        CHECK(d.beginnings() == 2);
        CHECK(d.lines.back().find(" 0.000 ms") != std::string::npos);
    }
    SECTION("a handshake failed")
    {
        d.note(trace_kind::failed, 2ms, "time-out");
        CHECK(d.lines.back().find("└    2.000 ms  failed: time-out") != std::string::npos);
        d.note(trace_kind::received, 3ms, "ClientHello");
        CHECK(d.beginnings() == 2);
    }
    SECTION("a peer was silent for a long time")
    {
        d.note(trace_kind::received, 60s, "ClientHello");
        CHECK(d.beginnings() == 1);
        d.note(trace_kind::received, 121s, "ClientHello");
        CHECK(d.beginnings() == 2);
    }
}

TEST_CASE(
    "an alert from an unknown peer starts no diagram, and a known peer's alert is in that peer's diagram")
{
    drawing d;
    d.note(trace_kind::received, 0ms, "Alert", 15);
    d.note(trace_kind::received, 1ms, "Alert (encrypted)", 39);
    CHECK(d.lines.empty());
    d.note(trace_kind::received, 2ms, "ClientHello", 219);
    d.note(trace_kind::sent, 3ms, "Alert", 15);
    d.note(trace_kind::received, 4ms, "Alert", 15);
    CHECK(d.beginnings() == 1);
    CHECK(d.lines.size() == 4);
    // A peer without a diagram is unknown, but a record sent to it starts a diagram.
    d.note(trace_kind::sent, 5ms, "Alert", 15, "127.0.0.1:2");
    CHECK(d.beginnings() == 2);
}

TEST_CASE("a diagram stores at most the given number of peers and discards the peer silent for longest")
{
    drawing d{sequence_diagram::side::server, 2};
    d.note(trace_kind::received, 0ms, "ClientHello", 1, "10.0.0.1:1");
    d.note(trace_kind::received, 1ms, "ClientHello", 1, "10.0.0.2:1");
    d.note(trace_kind::received, 2ms, "ClientHello", 1, "10.0.0.1:1");
    d.note(trace_kind::received, 3ms, "ClientHello", 1, "10.0.0.3:1");
    CHECK(d.beginnings() == 3);

    d.note(trace_kind::sent, 4ms, "HelloVerifyRequest", 1, "10.0.0.1:1");
    CHECK(d.beginnings() == 3);
    d.note(trace_kind::sent, 5ms, "HelloVerifyRequest", 1, "10.0.0.2:1");
    CHECK(d.beginnings() == 4);
}
