#include "tls/record_channel.hpp"

#include <algorithm>
#include <cerrno>

namespace quivive::tls {

void record_channel::attach(gnutls_session_t session) noexcept
{
    session_ = session;
    gnutls_transport_set_ptr(session, this);
    gnutls_transport_set_pull_function(session, &record_channel::pull);
    gnutls_transport_set_pull_timeout_function(session, &record_channel::pull_timeout);
    gnutls_transport_set_push_function(session, &record_channel::push);
}

void record_channel::offer(const wire::record_view& record) noexcept
{
    offered_ = record.whole;
    renumber_ = record.epoch == 0;
}

ssize_t record_channel::pull(gnutls_transport_ptr_t self, void* data, std::size_t size) noexcept
{
    auto& channel = *static_cast<record_channel*>(self);
    if (channel.offered_.empty() || channel.offered_.size() > size) {
        channel.offered_ = {};
        gnutls_transport_set_errno(channel.session_, EAGAIN);  // never 0, which would be the session's end
        return -1;
    }
    auto* const to = static_cast<std::byte*>(data);
    std::ranges::copy(channel.offered_, to);
    // Nothing authenticates the numbers of epoch 0: one forged 2^48-1 would shut GnuTLS's replay window for
    // all that follows. It sees a plain count instead.
    if (channel.renumber_) wire::write_integer({to + 5, 6}, channel.next_plaintext_sequence_++);
    return static_cast<ssize_t>(std::exchange(channel.offered_, {}).size());
}

int record_channel::pull_timeout(gnutls_transport_ptr_t self, unsigned) noexcept
{
    return static_cast<record_channel*>(self)->has_offer() ? 1 : 0;
}

ssize_t record_channel::push(gnutls_transport_ptr_t self, const void* data, std::size_t size) noexcept
{
    auto* const taker = static_cast<record_channel*>(self)->sink_;
    if (taker) taker->pushed({static_cast<const std::byte*>(data), size});
    return static_cast<ssize_t>(size);
}

}  // namespace quivive::tls
