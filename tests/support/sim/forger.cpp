#include "support/hello_builder.hpp"
#include "support/sim/attacker.hpp"
#include "support/tamper.hpp"

namespace quivive::test::sim {

namespace {

using wire::content_type;

class forger final : public attacker {
public:
    using attacker::attacker;

private:
    void act() override
    {
        const auto& sessions = around_.victim.sessions();
        if (sessions.empty()) return;
        const auto target = sessions[below(sessions.size())]->path().peer;
        if (below(3) == 0) return repeat_something(target);
        const auto forged = anyones();
        // Forges to a client only while it has a session: an attacker can disturb a plaintext handshake.
        if (below(4) == 0) return around_.net.forge_to_node(target, forged);
        spoof(target, forged);
    }

    void spoof(const wire::endpoint& from, const octets& datagram)
    {
        around_.victim.audit.provoked(network::path_of(from));
        send(from, datagram);
    }

    /// Replays a datagram recorded on the path of this peer or of another one, changed or unchanged.
    void repeat_something(const wire::endpoint& target)
    {
        const auto& heard = around_.net.overheard();
        if (heard.empty()) return;
        const auto& chosen = heard[below(heard.size())];
        auto datagram = chosen.datagram;
        const bool elsewhere = below(3) == 0;
        const auto peer = elsewhere ? target : chosen.peer;
        if (!around_.victim.knows_session_of(peer)) return;
        for (auto changes = below(3); changes > 0; --changes) tamper(datagram, around_.random);
        if (chosen.up) return spoof(peer, datagram);
        // A relayed path challenge validates the address that it was sent to.
        if (peer != chosen.peer) around_.victim.audit.reached(network::path_of(chosen.peer));
        around_.net.forge_to_node(peer, datagram);
    }

    /// Returns records that need no secret (RFC 6347 4.1.2.7).
    octets anyones()
    {
        const auto sequence = below(2) ? below(64) : 0xffffffffffff - below(4);
        const auto epoch = static_cast<std::uint16_t>(below(3));
        switch (below(8)) {
            case 0:
                return make_record(content_type::alert, make_octets({2, static_cast<int>(below(120))}), epoch,
                                   sequence);
            case 1:
                return make_record(content_type::alert, make_octets({1, 0}), 0, sequence);
            case 2:
                return make_record(content_type::application_data, counting(below(60)), epoch, sequence);
            case 3:
                return make_record(content_type::handshake, counting(below(60)), epoch, sequence);
            case 4:
                return make_record(content_type::change_cipher_spec, make_octets({1}), epoch, sequence);
            case 5: {
                hello_builder hello;
                hello.random = counting(32, static_cast<unsigned>(below(256)));
                return hello.record();
            }
            case 6:
                return octets(below(14), static_cast<std::byte>(below(256)));
            default:
                return make_record(static_cast<content_type>(below(256)), counting(below(40)),
                                   static_cast<std::uint16_t>(below(0x10000)), sequence,
                                   below(2) ? wire::dtls_1_2 : static_cast<std::uint16_t>(below(0x10000)));
        }
    }
};

}  // namespace

std::unique_ptr<attacker> make_forger(attacker::surroundings around, duration period)
{
    return std::make_unique<forger>(around, period);
}

}  // namespace quivive::test::sim
