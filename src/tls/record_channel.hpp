#pragma once

#include "tls/resumption_check.hpp"
#include "wire/client_hello.hpp"
#include "wire/record.hpp"

#include <gnutls/gnutls.h>

#include <cstdint>
#include <vector>

namespace quivive::tls {

/// The transport that a GnuTLS session sees: one whole, checked record a pull, or EAGAIN; and a push that
/// never fails, loss being the network's business. No callback throws.
class record_channel {
public:
    class sink {
    public:
        /// Takes what GnuTLS pushes: one whole record.
        virtual void pushed(wire::bytes record) noexcept = 0;
        /// The session is about to read this hello, as a server's. A code of GnuTLS; negative: it refuses.
        [[nodiscard]] virtual int meets(const wire::client_hello_view&) noexcept { return 0; }

    protected:
        ~sink() = default;
    };

    record_channel() = default;
    record_channel(const record_channel&) = delete;
    record_channel& operator=(const record_channel&) = delete;

    /// Becomes the transport of a session that has its context; must outlive it. Takes the session's
    /// handshake hook, by which the sink and the context hear of a ClientHello.
    void attach(gnutls_session_t session) noexcept;

    /// Puts a record in front of the session: its payload, under a header that is made of the other members.
    /// Both must stay until it is pulled or taken back.
    void offer(const wire::record_view& record) noexcept { offered_ = &record; }
    void take_back() noexcept { offered_ = nullptr; }
    [[nodiscard]] bool has_offer() const noexcept { return offered_ != nullptr; }

    /// Who takes what is pushed; null: nobody.
    void push_to(sink* taker) noexcept { sink_ = taker; }

    /// After `resumption_refused`: see `resumption_check`.
    [[nodiscard]] std::vector<std::byte> take_hello() noexcept { return resumption_.take_hello(); }

    /// How many whole handshake messages of the peer the session has taken.
    [[nodiscard]] std::uint32_t messages_taken() const noexcept { return messages_taken_; }
    /// Whether a ClientKeyExchange is among them.
    [[nodiscard]] bool has_key_exchange() const noexcept { return has_key_exchange_; }
    /// Their bytes, which the session keeps until its end, to hash them; of a hello twice as many, as it
    /// keeps that besides. But for certificates, of which it keeps more, and none that it has not verified.
    [[nodiscard]] std::uint32_t bytes_taken() const noexcept { return bytes_taken_; }
    /// Bytes of a hello whose ticket may hold the client's chain, beside all that a handshake usually takes;
    /// zero: the hello had no such ticket.
    [[nodiscard]] std::uint32_t bytes_of_ticket() const noexcept { return bytes_of_ticket_; }

private:
    static ssize_t pull(gnutls_transport_ptr_t self, void* data, std::size_t size) noexcept;
    static int pull_timeout(gnutls_transport_ptr_t self, unsigned milliseconds) noexcept;
    static ssize_t push(gnutls_transport_ptr_t self, const void* data, std::size_t size) noexcept;
    [[nodiscard]] int meet(wire::bytes body) noexcept;
    /// GnuTLS's hook: before and after it takes in, or gives out, a handshake message. Counts those that it
    /// takes in, looks at the size of certificates, and has sink and context meet a ClientHello.
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
