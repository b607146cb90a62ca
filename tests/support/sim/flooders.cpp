#include "support/hello_builder.hpp"
#include "support/sim/attacker.hpp"
#include "wire/handshake.hpp"

namespace quivive::test::sim {

using namespace std::chrono_literals;

namespace {

octets noise(seeded_random& random, std::size_t size)
{
    octets bytes(size);
    for (auto& b : bytes) b = static_cast<std::byte>(random.next());
    return bytes;
}

hello_builder some_hello(seeded_random& random)
{
    hello_builder hello;
    hello.random = noise(random, 32);
    hello.extensions = make_server_name("localhost");
    hello.record_sequence = random.below(2) ? random.next() & 0xffffffffffff : 0;
    return hello;
}

class spoofer final : public attacker {
public:
    using attacker::attacker;

private:
    void act() override
    {
        auto& random = around_.random;
        auto hello = some_hello(random);
        const auto from = anyone();
        switch (below(6)) {
            case 0:
            case 1:
                return send(from, hello.record());
            case 2:
                hello.message_seq = 1;
                hello.cookie = noise(random, below(2) ? 16 : below(64));
                return send(from, hello.record());
            case 3:
                return send(from, hello.fragment(below(2) ? 0 : below(100), below(120)));
            case 4:
                hello.session_id = noise(random, below(33));
                hello.suites = noise(random, 2 * below(500));
                return send(from, hello.record());
            default:
                return send(from, noise(random, below(200)));
        }
    }
};

class cookie_thief final : public attacker, public node {
public:
    using attacker::attacker;
    ~cookie_thief() override
    {
        for (const auto& each : stolen_) around_.net.detach(each.given_to);
    }

    void arrive(const octets& datagram, bool) override
    {
        const auto record = wire::first_record(datagram);
        if (!record || stolen_.empty()) return;
        wire::reader in{record->payload};
        const auto message = wire::read_handshake(in);
        if (message.type != wire::handshake_type::hello_verify_request || message.body.size() < 4) return;
        stolen_.back().hello.cookie = {message.body.begin() + 3, message.body.end()};
        stolen_.back().hello.message_seq = 1;
    }

private:
    struct loot {
        wire::endpoint given_to;
        hello_builder hello;
    };

    void act() override
    {
        if (stolen_.empty() || below(4) == 0) return steal();
        auto [from, hello] = stolen_[below(stolen_.size())];
        if (hello.cookie.empty()) return;
        switch (below(5)) {
            case 0:
                from = anyone();
                break;
            case 1:  // the next port of the same address
                from.port = static_cast<std::uint16_t>(from.port + 1);
                break;
            case 2:
                hello.random = noise(around_.random, 32);
                break;
            case 3:
                hello.suites = noise(around_.random, 4);
                break;
            default:  // the cookie may have expired
                break;
        }
        send(from, hello.record());
    }

    void steal()
    {
        if (stolen_.size() > 20) {
            around_.net.detach(stolen_.front().given_to);
            stolen_.erase(stolen_.begin());
        }
        stolen_.push_back({address_of(0x0a420001U, 1'024 + below(60'000)), some_hello(around_.random)});
        around_.net.attach(stolen_.back().given_to, *this, around_.net.make_way({}));
        send(stolen_.back().given_to, stolen_.back().hello.record());
    }

    std::vector<loot> stolen_;
};

}  // namespace

std::unique_ptr<attacker> make_spoofer(attacker::surroundings around, duration period)
{
    return std::make_unique<spoofer>(around, period);
}

std::unique_ptr<attacker> make_cookie_thief(attacker::surroundings around, duration period)
{
    return std::make_unique<cookie_thief>(around, period);
}

}  // namespace quivive::test::sim
