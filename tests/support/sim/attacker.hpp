#pragma once

#include "support/sim/end.hpp"
#include "support/sim/network.hpp"

#include <memory>
#include <vector>

namespace quivive::test::sim {

/// Does one bad thing after another.
class attacker {
public:
    struct surroundings {
        schedule& time;
        seeded_random& random;
        network& net;
        server& victim;
        const client_contexts& contexts;
    };

    attacker(surroundings around, duration period) : around_{around}, period_{period} {}
    virtual ~attacker() = default;
    attacker(const attacker&) = delete;
    attacker& operator=(const attacker&) = delete;

    void start()
    {
        alive_ = std::make_shared<int>();
        wait();
    }
    void stop() { alive_.reset(); }
    [[nodiscard]] std::uint64_t acts() const { return acts_; }

protected:
    virtual void act() = 0;

    [[nodiscard]] std::size_t below(std::size_t end) { return around_.random.below(end); }
    [[nodiscard]] wire::endpoint anyone()
    {
        return address_of(0x0b000000U + static_cast<std::uint32_t>(below(1U << 24)), 1'024 + below(60'000));
    }
    void send(const wire::endpoint& from, const octets& datagram)
    {
        around_.net.to_server(from, datagram, nullptr);
    }

    surroundings around_;

private:
    void wait()
    {
        around_.time.after(period_ * around_.random.between(100, 1'900) / 1'000,
                           [this, alive = std::weak_ptr{alive_}] {
                               if (alive.expired()) return;
                               ++acts_;
                               act();
                               wait();
                           });
    }

    duration period_;
    std::uint64_t acts_ = 0;
    std::shared_ptr<int> alive_;
};

/// Hellos from addresses that are not its own, with and without cookies, whole and in pieces; and noise.
[[nodiscard]] std::unique_ptr<attacker> make_spoofer(attacker::surroundings, duration period);
/// Has cookies given to it, and uses them for other addresses, for other hellos, too late, and again.
[[nodiscard]] std::unique_ptr<attacker> make_cookie_thief(attacker::surroundings, duration period);
/// Begins real handshakes from a few addresses of its own, and leaves them half-open; some of them it feeds
/// with fragments that make no sense.
[[nodiscard]] std::unique_ptr<attacker> make_hoarder(attacker::surroundings, duration period);
/// Begins handshakes from few addresses again and again, each time with another hello or a former one: in its
/// own name, and in that of clients.
[[nodiscard]] std::unique_ptr<attacker> make_impostor(attacker::surroundings, duration period);
/// Sees what live associations say, and says it again, changed or not, to either side; and what anyone could.
[[nodiscard]] std::unique_ptr<attacker> make_forger(attacker::surroundings, duration period);
/// Sees records with connection ids on their way, and sends copies of them from elsewhere, sooner or later
/// than they come themselves, changed or not.
[[nodiscard]] std::unique_ptr<attacker> make_copier(attacker::surroundings, duration period);

}  // namespace quivive::test::sim
