#pragma once

#include "support/sim/end.hpp"
#include "support/sim/network.hpp"

namespace quivive::test::sim {

/// Counts over all visits.
struct visit_counts {
    std::uint64_t begun = 0, connected = 0, timed_out = 0, failed = 0, messages = 0, answers = 0, closed = 0,
                  vanished = 0, begun_anew = 0, rebound = 0, ended_by_server = 0, datagrams = 0;
    // Rebound clients:
    std::uint64_t moved = 0;        ///< sessions that continue by their connection id
    std::uint64_t moved_early = 0;  ///< before the handshake was done
    std::uint64_t asked_elsewhere = 0, answered_elsewhere = 0;  ///< messages and answers after a move
    std::uint64_t unlucky = 0;  ///< timed out, with neither a limit nor an attacker as the cause
    duration longest_handshake{};

    visit_counts& operator+=(const visit_counts& other);
};

struct habits {
    bool gnutls = false;                                  ///< GnuTLS alone instead of a quivive association
    duration between_messages = std::chrono::seconds{2};  ///< on average
    duration between_visits = std::chrono::seconds{5};    ///< on average
    unsigned messages = 10;                               ///< on average
    double vanishes = 0.15;                               ///< probability of leaving without close_notify
    double begins_anew = 0.15;  ///< the same, then returns from the same address and port (RFC 6347 4.2.8)
    double rebinds = 0.05;      ///< probability that a NAT assigns another port during the visit
    std::optional<requested_id> ids{};
    double moves = 0;         ///< probability of a new address before a message, when it has an id
    double moves_early = 0;   ///< probability of a new address during the handshake
    bool must_arrive = true;  ///< a handshake that the network lets through must finish
};

/// An honest client that comes and goes.
class visitor final : public node {
public:
    visitor(schedule& time, seeded_random& random, network& net, server& visited,
            const client_contexts& contexts, std::uint32_t address, const conditions& around,
            const habits& ways);
    ~visitor() override { leave(); }
    visitor(const visitor&) = delete;
    visitor& operator=(const visitor&) = delete;

    void arrive(const octets& datagram, bool genuine) override;
    /// Starts no new visit, and ends the present one without close_notify.
    void retire();
    /// Blocks all datagrams to and from the client for this time.
    void fall_silent(duration length);

    [[nodiscard]] const visit_counts& counts() const { return counts_; }

private:
    void come(bool same_port);
    void leave();
    void flush();
    void look();
    void judge_time_out();
    /// Changes its address: a NAT assigns another port, or the client changes its network.
    void move();
    void move_perhaps();
    void talk();
    void part();
    void read();
    void wait_and_come_again(bool same_port);
    void sleep();
    [[nodiscard]] duration about(duration average);
    /// Runs the function later, unless the visit is over by then.
    template <typename What>
    void later(duration wait, What what);

    schedule& time_;
    seeded_random& random_;
    network& net_;
    server& server_;
    const client_contexts& contexts_;
    habits habits_;
    std::uint32_t address_;
    std::shared_ptr<network::way> way_;

    wire::endpoint at_, first_at_;
    std::unique_ptr<client_end> end_;
    std::shared_ptr<unsigned> alive_ = std::make_shared<unsigned>(0);  ///< expires with the visitor
    unsigned visit_ = 0;
    std::size_t port_ = 0;
    bool was_connected_ = false, retired_ = false, rebound_ = false;
    bool has_id_ = false, moved_early_ = false;
    unsigned left_to_say_ = 0, said_ = 0;
    std::set<std::string> waits_for_, heard_news_;
    unsigned arrived_ = 0, sent_before_ = 0;
    time_point begun_{}, alarm_ = no_deadline;
    std::uint64_t displaced_before_ = 0;
    unsigned restarts_before_ = 0;
    visit_counts counts_;
};

template <typename What>
void visitor::later(duration wait, What what)
{
    time_.after(wait, [this, what, weak = std::weak_ptr{alive_}, visit = visit_] {
        const auto alive = weak.lock();
        if (alive && visit == visit_) what();
    });
}

}  // namespace quivive::test::sim
