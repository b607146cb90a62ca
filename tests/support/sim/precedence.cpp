#include "support/sim/precedence.hpp"

#include "wire/handshake.hpp"
#include "wire/record.hpp"

#include <algorithm>

namespace quivive::test::sim {

/// RFC 6347 4.2.8: a client that begins a new handshake has replaced its former hellos.
void precedence::admitted(const wire::endpoint& peer, const wire::client_hello_view& hello, bool in_progress)
{
    random_bytes random;
    std::ranges::copy(hello.random, random.begin());
    auto& known = hellos_[peer];
    hold(!known.replaced.contains(random),
         "a hello that its client has replaced begins a handshake once more");
    if (in_progress && known.present != random) {
        known.replaced.insert(known.present);
        known.former_answers.merge(std::exchange(known.answers, {}));
    }
    known.present = random;
}

void precedence::sent(const wire::endpoint& peer, wire::bytes datagram)
{
    const auto record = wire::first_record(datagram);
    if (!record || record->epoch != 0 || !record->is(wire::content_type::handshake)) return;
    wire::reader in{record->payload};
    const auto message = wire::read_handshake(in);
    if (message.type != wire::handshake_type::server_hello || message.body.size() < 2 + 32) return;
    random_bytes random;
    std::ranges::copy(message.body.subspan(2, random.size()), random.begin());
    auto& known = hellos_[peer];
    hold(!known.former_answers.contains(random), "a hello that its client has replaced is answered");
    known.answers.insert(random);
}

void precedence::displaced() const
{
    hold(proven_, "a handshake is displaced by a hello that anyone can have sent");
}

void precedence::dropped(drop_reason reason) const
{
    switch (reason) {
        case drop_reason::handshake_in_progress:
        case drop_reason::half_open_limit:
        case drop_reason::source_half_open_limit:
        case drop_reason::source_session_limit:
        case drop_reason::session_limit:
        case drop_reason::handshake_queue_full:
            return hold(proven_, "a hello at a full limit is dropped instead of challenged");
        default:
            return;
    }
}

}  // namespace quivive::test::sim
