#include "transport/send_batch.hpp"

#include "transport/socket_error.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace quivive::transport {

namespace {

constexpr std::size_t datagrams_per_call = 128;

/// Attempts for one message while the error may be due to another datagram.
constexpr int tries_per_message = 3;

/// Returns true for interruption by a signal and for ICMP errors of an earlier datagram: this one was not
/// sent.
bool may_be_about_another(int error) noexcept { return error == EINTR || may_stem_from_icmp(error); }

/// Returns true for the errors with which the kernel refuses to split a buffer, although it would send the
/// datagrams one by one. The device computes no checksums, or the datagrams exceed the path MTU. EMSGSIZE may
/// also stem from ICMP. Sending the datagrams one by one then costs no more than a retry.
bool is_about_segments(int error) noexcept
{
    return error == EIO || error == EINVAL || error == EMSGSIZE || error == EOPNOTSUPP;
}

}  // namespace

send_batch::send_batch(std::size_t max_datagrams, system_calls calls)
    : calls_{calls},
      max_datagrams_{max_datagrams},
      window_{std::min(max_datagrams, datagrams_per_call)},
      queue_{max_datagrams + std::min(max_datagrams, datagrams_per_call)}  // completed ones may remain queued
{
}

flush_result send_batch::flush(udp_socket& socket) noexcept
{
    flush_result result;
    while (!queue_.empty() && !result.would_block) {
        send(window_.lay_out(queue_, socket, limits_), socket, result);
        queue_.pop(window_.take_done());
    }
    return result;
}

/// Sends or drops the messages until the kernel accepts no more, or until they must be laid out again.
void send_batch::send(std::span<mmsghdr> messages, udp_socket& socket, flush_result& result) noexcept
{
    std::size_t done = 0;
    int tries = 0;  // attempts for the first message that is not done
    while (done < messages.size() && !result.would_block) {
        const int sent = calls_.sendmmsg(socket.native_handle(), &messages[done],
                                         static_cast<unsigned>(messages.size() - done), 0);
        const int error = sent < 0 ? errno : 0;
        if (sent > 0) {  // if some are left, the next call returns the error of the first one
            for (int i = 0; i < sent; ++i) note_sent(done++, socket, result);
            tries = 0;
            continue;
        }
        const bool is_run = window_.datagrams(done) > 1;
        const bool final = (is_run && is_about_segments(error)) || !may_be_about_another(error);
        if (would_block(error)) {
            result.would_block = true;
        } else if (final || ++tries == tries_per_message) {
            note_failed(done++, error, result);
            if (is_run) return;
            tries = 0;
        }
    }
}

void send_batch::note_sent(std::size_t n, udp_socket& socket, flush_result& result) noexcept
{
    result.sent += window_.datagrams(n);
    result.sent_bytes += window_.bytes(n);
    if (window_.datagrams(n) > 1) {
        limits_.taken();
    } else if (refused_buffer_ && window_.is_split(n)) {  // accepted alone after it was refused in a buffer
        const auto why = *std::exchange(refused_buffer_, {});
        limits_.refuse(queue_[window_.first(n)].peer, why.segment, why.by_device, socket.connected());
    }
    window_.complete(n);
}

/// Drops a single datagram. The datagrams of a run are sent one by one instead, so that each gets its own
/// error.
void send_batch::note_failed(std::size_t n, int error, flush_result& result) noexcept
{
    if (window_.datagrams(n) == 1) {
        window_.complete(n);
        ++result.failed;
        refused_buffer_.reset();
        return;
    }
    window_.split(n);
    ++result.runs_refused;
    if (is_about_segments(error)) refused_buffer_ = {window_.segment(n), error == EIO || error == EOPNOTSUPP};
}

}  // namespace quivive::transport
