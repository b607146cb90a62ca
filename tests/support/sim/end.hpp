#pragma once

#include "support/tls_pair.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace quivive::test::sim {

/// One side of a conversation as a client has it: an association of ours, or GnuTLS alone.
class client_end {
public:
    virtual ~client_end() = default;

    virtual void begin(time_point now) = 0;
    virtual void take(const octets& datagram, time_point now) = 0;
    virtual void on_timer(time_point now) = 0;
    [[nodiscard]] virtual time_point next_wake() const = 0;
    virtual void send(const std::string& message) = 0;
    virtual void close(time_point now) = 0;

    [[nodiscard]] virtual bool connected() const = 0;
    /// It is over, or has failed.
    [[nodiscard]] virtual bool over() const = 0;
    [[nodiscard]] virtual std::optional<std::string> read() = 0;

    std::deque<octets> outgoing;
};

struct client_contexts {
    std::shared_ptr<const tls::context> ours;
    std::string gnutls_priority;
};

[[nodiscard]] std::unique_ptr<client_end> make_our_end(const client_contexts& contexts);
/// GnuTLS by itself, as gnutls-cli has it; its clock must be the virtual one (`use_tls_clock`).
[[nodiscard]] std::unique_ptr<client_end> make_gnutls_end(const client_contexts& contexts);

}  // namespace quivive::test::sim
