#pragma once

#include "support/sim/end.hpp"
#include "support/sim/network.hpp"

#include <memory>
#include <vector>

namespace quivive::test::sim {

/// Runs one attack step after another.
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

/// Sends ClientHellos from forged addresses, with and without cookies, whole and fragmented, and random
/// bytes.
[[nodiscard]] std::unique_ptr<attacker> make_spoofer(attacker::surroundings, duration period);
/// Obtains cookies and uses them for other addresses, for other hellos, after their lifetime, and
/// repeatedly.
[[nodiscard]] std::unique_ptr<attacker> make_cookie_thief(attacker::surroundings, duration period);
/// Begins real handshakes from a few addresses of its own and leaves them half-open. Sends malformed
/// fragments to some of them.
[[nodiscard]] std::unique_ptr<attacker> make_hoarder(attacker::surroundings, duration period);
/// Begins handshakes from few addresses repeatedly, with a new or a former hello each time. Uses its own
/// addresses and those of clients.
[[nodiscard]] std::unique_ptr<attacker> make_impostor(attacker::surroundings, duration period);
/// Records datagrams of live associations and replays them, changed or unchanged, to either side. Also
/// sends records that anyone could forge.
[[nodiscard]] std::unique_ptr<attacker> make_forger(attacker::surroundings, duration period);
/// Sees records with connection ids on the path. Sends copies from other addresses, before or after the
/// originals arrive, changed or unchanged.
[[nodiscard]] std::unique_ptr<attacker> make_copier(attacker::surroundings, duration period);

}  // namespace quivive::test::sim
