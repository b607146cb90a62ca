#include "support/hello_builder.hpp"
#include "support/sim/attacker.hpp"

namespace quivive::test::sim {

namespace {

class impostor final : public attacker {
public:
    using attacker::attacker;

private:
    void act() override
    {
        const auto& heard = around_.net.overheard();
        // Where hellos are trusted no attacker forges them. There it acts as a client that restarts all the
        // time.
        const bool as_another = !around_.victim.trusts_all() && !heard.empty() && below(2) == 0;
        const auto from = as_another ? heard[below(heard.size())].peer
                                     : address_of(0x0c000001U + static_cast<std::uint32_t>(below(3)), 2'000);
        for (auto count = 1 + below(4); count > 0; --count) {
            if (as_another) around_.victim.audit.provoked(network::path_of(from));
            send(from, hello());
        }
    }

    octets hello()
    {
        hello_builder made;
        made.random = counting(32, static_cast<unsigned>(below(12)));
        // The response to a PSK hello is short enough; a certificate fits only the limit of a long hello.
        if (below(2)) made.suites = make_octets({0x00, 0xa8});
        made.extensions = make_extension(10, make_octets({0, 2, 0, 23})) +
                          make_extension(13, make_octets({0, 2, 8, 7})) +  // Ed25519
                          make_extension(21, octets(below(3) * 250));
        return made.record();
    }
};

}  // namespace

std::unique_ptr<attacker> make_impostor(attacker::surroundings around, duration period)
{
    return std::make_unique<impostor>(around, period);
}

}  // namespace quivive::test::sim
