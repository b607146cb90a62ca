#include "support/sim/attacker.hpp"
#include "support/tamper.hpp"

namespace quivive::test::sim {

namespace {

class copier final : public attacker {
public:
    using attacker::attacker;

private:
    void act() override
    {
        const auto* chosen = choose();
        if (!chosen) return;
        auto datagram = chosen->datagram;
        if (below(4) == 0) tamper(datagram, around_.random);
        const auto from = somewhere();
        around_.victim.audit.provoked(network::path_of(from));
        for (auto times = below(3); times > 0; --times) send(from, datagram);
        send(from, datagram);
    }

    /// Returns a recorded datagram: half the time the newest, which often has not arrived yet.
    const network::heard* choose()
    {
        std::vector<const network::heard*> with_id;
        for (const auto& each : around_.net.overheard())
            if (each.up && begins_with_id(each.datagram)) with_id.push_back(&each);
        if (with_id.empty()) return nullptr;
        return below(2) ? with_id.back() : with_id[below(with_id.size())];
    }

    /// Returns an unused address, a former address, or the address of another node.
    wire::endpoint somewhere()
    {
        const auto& sessions = around_.victim.sessions();
        const auto which = below(4);
        if (which == 0 && !sessions.empty()) return sessions[below(sessions.size())]->path().peer;
        if (which == 1) return anyone();
        return address_of(0x0a440001U, 1'024 + below(3));
    }
};

}  // namespace

std::unique_ptr<attacker> make_copier(attacker::surroundings around, duration period)
{
    return std::make_unique<copier>(around, period);
}

}  // namespace quivive::test::sim
