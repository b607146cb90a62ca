// Each system call of the transport fails at its Nth time, with each error that it can have.

#include "faults/injection.hpp"
#include "support/process_counts.hpp"
#include "unit/transport/loopback.hpp"

#include <boost/system/system_error.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>

using namespace quivive;
using namespace quivive::test;
using transport::udp_socket;

namespace {

constexpr std::array errors{ENOBUFS, EMSGSIZE, ECONNREFUSED, EINTR,  EAGAIN, EPERM,
                            EMFILE,  ENFILE,   ENETUNREACH,  ENOMEM, EIO,    EINVAL};

/// Makes each call of these functions in `open` fail once. Returns the number of faults.
unsigned fail_each_call_of(const std::vector<const char*>& functions, int error,
                           const std::function<void()>& open)
{
    unsigned faults = 0;
    for (const auto* function : functions)
        for (unsigned nth = 1;; ++nth) {
            INFO(function << ", call " << nth << ": " << std::strerror(error));
            const auto before = open_files();
            const injection fault{function, nth, error};
            int reason = 0;
            try {
                const under_test this_one;
                open();
            } catch (const boost::system::system_error& refused) {
                reason = refused.code().value();
            }
            CHECK(open_files() == before);
            if (!fault.reached()) {
                CHECK(reason == 0);
                break;
            }
            // Some options are not essential for a socket.
            CHECK((reason == error || (reason == 0 && function == std::string_view{"setsockopt"})));
            ++faults;
        }
    return faults;
}

/// A client, and a server on a wildcard address that sends and receives several datagrams in one buffer.
struct two_ends {
    udp_socket server = udp_socket::bind(any_v6, {.receive_buffer_bytes = 1'048'576, .coalescing = true});
    udp_socket client = udp_socket::bind(loopback_v4(2));
    transport::receive_batch received{2'048, 8, {}, transport::buffers::coalesced};
    transport::send_batch there{100}, back{100};
    transport::flush_result sum;

    /// Sends five datagrams, and echoes them. Returns how many echoes arrive.
    std::size_t round()
    {
        for (int n = 0; n < 5; ++n)
            CHECK(there.push({client.local_endpoint(), with_port(loopback_v4(7), server)},
                             wire::as_bytes("datagram")));
        while (there.flush(client).would_block) {
        }
        std::size_t heard = 0;
        while (waits(server)) {
            const under_test this_one;
            for (const auto& datagram : received.receive(server)) {
                const under_test not_this{false};
                CHECK(wire::as_text(datagram.data) == "datagram");
                heard += back.push({datagram.local, datagram.peer}, datagram.data) ? 1U : 0U;
            }
        }
        CHECK(heard == 5);  // a receive error loses nothing
        flush();
        std::size_t echoes = 0;
        while (waits(client)) echoes += transport::receive_batch{2'048}.receive(client).size();
        return echoes;
    }
    static bool waits(const udp_socket& socket)
    {
        pollfd readable{socket.native_handle(), POLLIN, 0};
        return ::poll(&readable, 1, 0) == 1;
    }
    void flush()
    {
        const under_test this_one;
        do {
            const auto result = back.flush(server);
            sum.sent += result.sent;
            sum.failed += result.failed;
            sum.runs_refused += result.runs_refused;
        } while (back.size() > 0);
    }
};

}  // namespace

TEST_CASE("faults: a server socket that cannot be made reports the error number and leaves nothing open")
{
    const int error = GENERATE(from_range(errors));
    const auto faults = fail_each_call_of({"socket", "setsockopt", "bind", "getsockname"}, error, [] {
        (void)udp_socket::bind(any_v6, {.reuse_port = true,
                                        .receive_buffer_bytes = 65'536,
                                        .send_buffer_bytes = 65'536,
                                        .coalescing = true});
    });
    CHECK(faults >= 10);
}

TEST_CASE("faults: a client socket that cannot be made reports the error number and leaves nothing open")
{
    const int error = GENERATE(from_range(errors));
    const auto faults =
        fail_each_call_of({"socket", "setsockopt", "bind", "connect", "getsockname"}, error,
                          [] { (void)udp_socket::connect(loopback_v4(1, 9), loopback_v4(1)); });
    CHECK(faults >= 6);
}

TEST_CASE("faults: each datagram is received and each answer is sent or counted whichever call fails")
{
    const auto* function = GENERATE("recvmmsg", "sendmmsg");
    const int error = GENERATE(from_range(errors));
    constexpr std::size_t rounds = 3;
    unsigned nth = 1;
    for (;; ++nth) {
        INFO(function << ", call " << nth << ": " << std::strerror(error));
        two_ends ends;
        std::size_t echoes = 0;
        const injection fault{function, nth, error};
        for (std::size_t n = 0; n < rounds; ++n) echoes += ends.round();
        CHECK(ends.sum.sent == echoes);
        CHECK(ends.sum.sent + ends.sum.failed == rounds * 5);
        if (!fault.reached()) {
            CHECK(ends.sum.failed + ends.sum.runs_refused == 0);
            break;
        }
        CHECK(ends.sum.failed <= 1);
    }
    CHECK(nth > rounds);
}
