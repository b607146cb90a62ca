#include "support/hello_builder.hpp"
#include "support/sim/attacker.hpp"
#include "support/tls_peer.hpp"

namespace quivive::test::sim {

using namespace std::chrono_literals;

namespace {

class hoarder final : public attacker, public node {
public:
    using attacker::attacker;
    ~hoarder() override { around_.net.detach(at_); }

    /// Answers a HelloVerifyRequest, then stops.
    void arrive(const octets& datagram, bool) override
    {
        if (!end_) return;
        end_->take(datagram, around_.time.now());
        flush();
        end_.reset();
        if (below(2) == 0) return;
        for (auto fragments = below(20); fragments > 0; --fragments) send(at_, senseless_fragment());
    }

private:
    void act() override
    {
        around_.net.detach(at_);
        at_ = address_of(0x0a430001U + static_cast<std::uint32_t>(below(3)), 1'024 + below(60'000));
        around_.net.attach(at_, *this, around_.net.make_way({1ms, 1ms}));
        around_.victim.audit.handshake_begun(
            network::path_of(at_));  // without a challenge the handshake may even finish
        end_ = make_our_end(around_.contexts);
        end_->begin(around_.time.now());
        flush();
    }

    void flush()
    {
        for (; !end_->outgoing.empty(); end_->outgoing.pop_front()) send(at_, end_->outgoing.front());
    }

    /// Returns a fragment of a message that is too long, too early, empty, or beyond the end
    /// (CVE-2026-33845, CVE-2026-33846).
    octets senseless_fragment()
    {
        wire::handshake_view message;
        message.type = static_cast<wire::handshake_type>(below(2) ? 16 : below(256));
        message.length = static_cast<std::uint32_t>(below(3) == 0 ? 0xffffff : below(4'000));
        message.message_seq = static_cast<std::uint16_t>(below(2) ? 2 : below(70'000));
        message.fragment_offset = static_cast<std::uint32_t>(below(2) ? 0 : below(4'000));
        const auto body = counting(below(3) == 0 ? 0 : below(1'000));
        message.body = body;
        return handshake_record(message, below(100));
    }

    wire::endpoint at_;
    std::unique_ptr<client_end> end_;
};

}  // namespace

std::unique_ptr<attacker> make_hoarder(attacker::surroundings around, duration period)
{
    return std::make_unique<hoarder>(around, period);
}

}  // namespace quivive::test::sim
