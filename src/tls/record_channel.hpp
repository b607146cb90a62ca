#pragma once

#include "tls/resumption_check.hpp"
#include "wire/client_hello.hpp"
#include "wire/record.hpp"

#include <gnutls/gnutls.h>

#include <cstdint>
#include <vector>

namespace quivive::tls {

/// The transport of a GnuTLS session. Each pull returns one whole, checked record, or EAGAIN. A push never
/// fails, since loss is normal on the network. No callback throws.
class record_channel {
public:
    class sink {
    public:
        /// Takes one whole record that GnuTLS pushes.
        virtual void pushed(wire::bytes record) noexcept = 0;
        /// Called when a server's session is about to read this hello. Returns a code of GnuTLS; a negative
        /// code refuses the hello.
        [[nodiscard]] virtual int on_client_hello(const wire::client_hello_view&) noexcept { return 0; }

    protected:
        ~sink() = default;
    };

    record_channel() = default;
    record_channel(const record_channel&) = delete;
    record_channel& operator=(const record_channel&) = delete;

    /// Becomes the transport of a session that has its context. The object must outlive the session. Uses the
    /// session's handshake hook, which notifies the sink and the context of a ClientHello.
    void attach(gnutls_session_t session) noexcept;

    /// Offers a record to the session: its payload, under a header built from the other members. Both must
    /// stay valid until the record is pulled or taken back.
    void offer(const wire::record_view& record) noexcept { offered_ = &record; }
    void withdraw_offer() noexcept { offered_ = nullptr; }
    [[nodiscard]] bool has_offer() const noexcept { return offered_ != nullptr; }

    /// Sets the receiver of pushed records; null: none.
    void push_to(sink* taker) noexcept { sink_ = taker; }

    /// Returns the hello after `resumption_refused`: see `resumption_check`.
    [[nodiscard]] std::vector<std::byte> take_hello() noexcept { return resumption_.take_hello(); }

    /// Returns the number of the peer's whole handshake messages that the session has taken.
    [[nodiscard]] std::uint32_t messages_taken() const noexcept { return messages_taken_; }
    /// Returns true when a ClientKeyExchange is among them.
    [[nodiscard]] bool has_key_exchange() const noexcept { return has_key_exchange_; }
    /// Returns the bytes of these messages. The session keeps them until its end, to hash them. A hello
    /// counts twice, since the session keeps a second copy. Certificates are an exception: the session keeps
    /// more for them, and keeps none that it has not verified.
    [[nodiscard]] std::uint32_t bytes_taken() const noexcept { return bytes_taken_; }
    /// Returns the bytes of a hello whose ticket may contain the client's chain, in addition to the usual
    /// memory of a handshake. Zero: the hello had no such ticket.
    [[nodiscard]] std::uint32_t bytes_of_ticket() const noexcept { return bytes_of_ticket_; }

private:
    static ssize_t pull(gnutls_transport_ptr_t self, void* data, std::size_t size) noexcept;
    static int pull_timeout(gnutls_transport_ptr_t self, unsigned milliseconds) noexcept;
    static ssize_t push(gnutls_transport_ptr_t self, const void* data, std::size_t size) noexcept;
    [[nodiscard]] int on_client_hello(wire::bytes body) noexcept;
    /// GnuTLS's hook, called before and after it takes in or sends a handshake message. Counts received
    /// messages, checks the size of certificates, and passes a ClientHello to the sink and the context.
    static int on_message(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                          const gnutls_datum_t* message) noexcept;

    gnutls_session_t session_ = nullptr;
    const wire::record_view* offered_ = nullptr;
    std::uint64_t next_plaintext_sequence_ = 0;
    std::uint32_t messages_taken_ = 0;
    std::uint32_t bytes_taken_ = 0;
    std::uint32_t bytes_of_ticket_ = 0;
    bool has_key_exchange_ = false;
    sink* sink_ = nullptr;
    resumption_check resumption_;
};

}  // namespace quivive::tls
