#pragma once

#include "faulty_calls.hpp"
#include "loopback.hpp"
#include "transport/send_window.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

namespace quivive::test {

/// Counts the messages that a batch passes to the kernel; a script can make the kernel refuse some.
class counted_calls {
public:
    explicit counted_calls(std::deque<int> script = {}) : script_{std::move(script)} { current_ = this; }
    ~counted_calls() { current_ = nullptr; }
    counted_calls(const counted_calls&) = delete;
    counted_calls& operator=(const counted_calls&) = delete;

    [[nodiscard]] static transport::system_calls calls()
    {
        transport::system_calls result;
        result.sendmmsg = [](int fd, mmsghdr* headers, unsigned count, int flags) {
            return current_->send(fd, headers, count, flags);
        };
        return result;
    }

    /// Number of datagrams in each message sent.
    [[nodiscard]] const std::vector<std::size_t>& messages() const { return messages_; }

    /// From now on refuses buffers of several datagrams of more than `above` bytes each, to all addresses or
    /// to one. A device without checksum offload or a path with a small MTU does the same.
    void refuse_segments(int error, std::size_t above = 0, std::optional<wire::endpoint> to = {})
    {
        refused_ = error;
        above_ = above;
        refused_to_ = to;
    }
    [[nodiscard]] std::size_t refused() const { return refusals_; }

private:
    int send(int fd, mmsghdr* headers, unsigned count, int flags)
    {
        int error = 0;
        if (!script_.empty()) {
            error = script_.front();
            script_.pop_front();
        }
        unsigned good = 0;
        while (good < count && takes(headers[good].msg_hdr)) ++good;
        if (error == 0 && good == 0) {
            error = refused_;
            ++refusals_;
        }
        if (error != 0) {
            errno = error;
            return -1;
        }
        const int sent = ::sendmmsg(fd, headers, good, flags);
        for (int n = 0; n < sent; ++n) messages_.push_back(headers[n].msg_hdr.msg_iovlen);
        return sent;
    }

    [[nodiscard]] bool takes(const msghdr& message) const
    {
        if (refused_ == 0 || message.msg_iovlen == 1 || message.msg_iov[0].iov_len <= above_) return true;
        if (!refused_to_) return false;
        transport::socket_address peer;
        std::memcpy(&peer.any, message.msg_name, message.msg_namelen);
        peer.size = message.msg_namelen;
        return transport::to_endpoint(peer).value().address != refused_to_->address;
    }

    static inline counted_calls* current_ = nullptr;
    std::deque<int> script_;
    int refused_ = 0;
    std::size_t above_ = 0;
    std::optional<wire::endpoint> refused_to_;
    std::size_t refusals_ = 0;
    std::vector<std::size_t> messages_;
};

struct peers {
    static constexpr transport::socket_options large{.receive_buffer_bytes = 4'194'304};

    transport::udp_socket server = transport::udp_socket::bind(loopback_v4(1), large);
    transport::udp_socket first = transport::udp_socket::bind(loopback_v4(2), large);
    transport::udp_socket second = transport::udp_socket::bind(loopback_v4(3), large);
    wire::path to_first{server.local_endpoint(), first.local_endpoint()};
    wire::path to_second{server.local_endpoint(), second.local_endpoint()};

    peers()
    {
        REQUIRE(server.segmentation());  // available in any kernel since 4.18
        // In one of 256 pairs of ports the hashes collide, and one peer's datagrams end the other's runs.
        // This is not a fault.
        for (int i = 0; i < 10 && in_each_others_way(); ++i) {
            second = transport::udp_socket::bind(loopback_v4(3), large);
            to_second.peer = second.local_endpoint();
        }
        REQUIRE(!in_each_others_way());
    }

private:
    [[nodiscard]] bool in_each_others_way() const
    {
        transport::send_queue queue{4};
        for (int n = 0; n < 4; ++n)
            REQUIRE(queue.push(n % 2 == 0 ? to_first : to_second, wire::as_bytes("probe")));
        transport::segment_limits none;
        return transport::send_window{4}.lay_out(queue, server, none).size() > 2;
    }
};

inline std::string numbered(int n, std::size_t size)
{
    auto text = std::to_string(n);
    text.resize(std::max(size, text.size()), '.');
    return text;
}

inline std::vector<std::string> texts(transport::udp_socket& socket, std::size_t count,
                                      std::size_t max_bytes = 2'048)
{
    std::vector<std::string> result;
    for (const auto& datagram : receive(socket, count, max_bytes)) result.push_back(datagram.text);
    return result;
}

/// Queues `count` datagrams to each of the two peers in turns; returns the datagrams that each has to
/// receive.
inline std::vector<std::string> push_in_turns(transport::send_batch& batch, const peers& all, int count)
{
    std::vector<std::string> wanted;
    for (int n = 0; n < count; ++n) {
        wanted.push_back(numbered(n, 100));
        REQUIRE(batch.push(all.to_first, wire::as_bytes(wanted.back())));
        REQUIRE(batch.push(all.to_second, wire::as_bytes(wanted.back())));
    }
    return wanted;
}

using sizes = std::vector<std::size_t>;

}  // namespace quivive::test
