#pragma once

#include "wire/record.hpp"

#include <gnutls/gnutls.h>

#include <cstdint>
#include <utility>

namespace quivive::tls {

/// The transport that a GnuTLS session sees: one whole, checked record a pull, or EAGAIN; and a push that
/// never fails, loss being the network's business. No callback throws.
class record_channel {
public:
    /// Takes what GnuTLS pushes: one whole record.
    class sink {
    public:
        virtual void pushed(wire::bytes record) noexcept = 0;

    protected:
        ~sink() = default;
    };

    record_channel() = default;
    record_channel(const record_channel&) = delete;
    record_channel& operator=(const record_channel&) = delete;

    /// Becomes the session's transport; must outlive it.
    void attach(gnutls_session_t session) noexcept;

    /// Puts a record in front of the session. It must stay until it is pulled or taken back.
    void offer(const wire::record_view& record) noexcept;
    void take_back() noexcept { offered_ = {}; }
    [[nodiscard]] bool has_offer() const noexcept { return !offered_.empty(); }

    /// Who takes what is pushed; null: nobody.
    void push_to(sink* taker) noexcept { sink_ = taker; }

private:
    static ssize_t pull(gnutls_transport_ptr_t self, void* data, std::size_t size) noexcept;
    static int pull_timeout(gnutls_transport_ptr_t self, unsigned milliseconds) noexcept;
    static ssize_t push(gnutls_transport_ptr_t self, const void* data, std::size_t size) noexcept;

    gnutls_session_t session_ = nullptr;
    wire::bytes offered_;
    bool renumber_ = false;
    std::uint64_t next_plaintext_sequence_ = 0;
    sink* sink_ = nullptr;
};

}  // namespace quivive::tls
