#include "dispatch/buffering_outbox.hpp"

#include <new>
#include <span>

namespace quivive::dispatch {

void buffering_outbox::send(const wire::path& to, wire::bytes datagram) noexcept
try {
    datagrams_.reserve(datagrams_.size() + 1);  // so that the push_back below cannot fail
    bytes_.insert(bytes_.end(), datagram.begin(), datagram.end());
    datagrams_.push_back({to, datagram.size()});
} catch (const std::bad_alloc&) {  // the datagram is dropped
}

void buffering_outbox::flush(wire::outbox& out) const noexcept
{
    for (wire::bytes rest{bytes_}; const auto& [to, size] : datagrams_) {
        out.send(to, rest.first(size));
        rest = rest.subspan(size);
    }
}

}  // namespace quivive::dispatch
