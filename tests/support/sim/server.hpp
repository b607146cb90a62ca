#pragma once

#include "gate/gate.hpp"
#include "support/fixed_meter.hpp"
#include "support/seeded_random.hpp"
#include "support/sim/auditor.hpp"
#include "support/sim/schedule.hpp"

#include <functional>
#include <map>
#include <set>

namespace quivive::test::sim {

struct server_settings {
    quivive::limits limits;
    cookie_policy policy;
    bool detached = true;
    double closes = 0.02;   ///< probability that the application closes a session instead of answering
    double dozes = 0.05;    ///< probability that it leaves messages unread for a while
    duration slow_steps{};  ///< maximum time of a handshake step outside the calls; zero: within the calls
    double news = 0;        ///< probability of messages beyond the answer
    connection_id_policy ids{};
    std::vector<quivive::network> shared_networks{};  ///< none, or all
    std::vector<duration>
        restarts{};  ///< times at which another process imports all sessions that can be exported
};

/// The real dispatcher, gate and handshakes, with an echo application, in virtual time.
class server final : private wire::outbox, private dispatch::listener, private dispatch::handshake_workers {
public:
    using way_out = std::function<void(const wire::path&, const octets&)>;

    server(schedule& time, seeded_random& random, const server_settings& settings,
           std::shared_ptr<const tls::context> context, way_out out);
    ~server();

    void take(const wire::path& from, const octets& datagram);
    [[nodiscard]] bool knows_session_of(const wire::endpoint& peer) const;
    /// The sessions, in the order in which they began.
    [[nodiscard]] const std::vector<std::shared_ptr<dispatch::connection>>& sessions() const
    {
        return sessions_;
    }
    [[nodiscard]] metrics counted() const { return counters_.snapshot(); }
    [[nodiscard]] std::size_t size() const { return dispatcher_->size(); }
    [[nodiscard]] unsigned restarts() const { return restarts_; }
    /// Returns whether no peer is challenged for a cookie.
    [[nodiscard]] bool trusts_all() const { return settings_.policy.exchange == cookie_exchange::never; }

    auditor audit;

private:
    void send(const wire::path& to, wire::bytes datagram) noexcept override;
    dispatch::admission_action admit(const wire::client_hello_view&, const wire::path&,
                                     const gate::verdict& verdict, const load&) noexcept override;
    void offered(dispatch::connection&, const wire::client_hello_view&) noexcept override {}
    void established(dispatch::connection&) noexcept override;
    void readable(dispatch::connection&) noexcept override;
    void ended(dispatch::connection&, bool was_session) noexcept override;
    void moved(dispatch::connection& connection, const wire::path& before) noexcept override
    {
        audit.moved(connection, before);
    }
    void load_changed(const load&) noexcept override {}
    void share_reached(const wire::endpoint&, const dispatch::reached_share&) noexcept override {}

    // Handshake steps, which take their time.
    static constexpr std::size_t most_steps = 16;
    [[nodiscard]] bool full(dispatch::validation which) const noexcept override
    {
        return proven_steps_ + (which == dispatch::validation::validated ? 0 : unvalidated_steps_) >=
               most_steps;
    }
    [[nodiscard]] std::unique_ptr<dispatch::handshake_step> take(
        std::unique_ptr<dispatch::handshake_step> step) noexcept override;
    void take_back(std::unique_ptr<dispatch::handshake_step> step, unsigned of);
    [[nodiscard]] std::size_t& steps_of(const dispatch::handshake_step& step) noexcept;

    /// Application state of a session, which the importing process does not get from the blob.
    struct leaving {
        std::vector<std::byte> blob;
        wire::endpoint begun_at;
        std::set<std::string> read_before;
    };

    [[nodiscard]] std::unique_ptr<dispatch::dispatcher> make_dispatcher();
    void restart();
    [[nodiscard]] std::vector<leaving> export_sessions();
    void step_over();
    void read(const std::shared_ptr<dispatch::connection>& connection);
    void act_on(dispatch::connection& connection, wire::bytes message);
    void tell_news(dispatch::connection& connection);
    void sleep();
    void wake();

    schedule& time_;
    seeded_random& random_;
    server_settings settings_;
    std::shared_ptr<const tls::context> context_;
    std::shared_ptr<record::aead_cache> ciphers_;
    way_out out_;
    observe::counters counters_;
    fixed_meter meter_;
    gate::gate gate_;
    std::vector<std::shared_ptr<dispatch::connection>> sessions_;
    std::vector<std::shared_ptr<dispatch::connection>> readable_;  ///< in this step
    std::set<const dispatch::connection*> dozing_;
    std::map<const dispatch::connection*, std::set<std::string>> read_before_;
    std::uint64_t messages_ = 0;  ///< received so far
    unsigned restarts_ = 0, news_ = 0;
    std::size_t proven_steps_ = 0, unvalidated_steps_ = 0;  ///< steps in progress
    leaving* arriving_ = nullptr;                           ///< while it is imported
    time_point alarm_ = no_deadline;
    std::unique_ptr<dispatch::dispatcher> dispatcher_;
};

/// Prefix of a message that is not an answer.
inline constexpr std::string_view news = "news ";

/// Returns a client's message: sender and message number, so that no message is delivered twice or to
/// another client.
[[nodiscard]] std::string message_of(const wire::endpoint& sender, unsigned session, unsigned number,
                                     std::size_t size);

}  // namespace quivive::test::sim
