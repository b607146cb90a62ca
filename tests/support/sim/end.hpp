#pragma once

#include "support/tls_pair.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace quivive::test::sim {

/// The client side of a conversation: a quivive association, or GnuTLS alone.
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
    /// Returns whether the association has closed or failed.
    [[nodiscard]] virtual bool over() const = 0;
    [[nodiscard]] virtual std::optional<std::string> read() = 0;

    std::deque<octets> outgoing;
};

struct client_contexts {
    std::shared_ptr<const tls::context> ours;
    std::string gnutls_priority;
};

/// Which connection ids (RFC 9146) a quivive client offers.
struct requested_id {
    std::size_t own_size = 0;  ///< size of the id for the server to use; 0: empty
    bool checks_paths = true;  ///< supports the return routability check (RFC 9853)
};

[[nodiscard]] std::unique_ptr<client_end> make_our_end(const client_contexts& contexts,
                                                       const std::optional<requested_id>& ids = {});
/// A client that uses GnuTLS only, as gnutls-cli does. Its clock must be the virtual one (`use_tls_clock`).
[[nodiscard]] std::unique_ptr<client_end> make_gnutls_end(const client_contexts& contexts);

}  // namespace quivive::test::sim
