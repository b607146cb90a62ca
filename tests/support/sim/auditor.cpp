#include "support/sim/auditor.hpp"

#include "wire/handshake.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace quivive::test::sim {

using sessions::close_reason;
using namespace std::chrono_literals;

namespace {

/// Returns whether the first record is of epoch 1. Its connection id may have any length.
bool begins_protected(wire::bytes datagram)
{
    wire::reader in{datagram};
    (void)in.take(3);
    return in.u16() > 0;
}

}  // namespace

void auditor::fail(const std::string& what)
{
    if (!broken_.empty()) return;
    const auto at = std::chrono::duration<double>(now_.time_since_epoch() - 1h).count();
    broken_ =
        what + " (after " + std::to_string(at) + " virtual seconds, step " + std::to_string(steps_) + ")";
}

void auditor::will_route(const wire::path& from, wire::bytes datagram)
{
    from_ = from;
    admitted_in_step_ = false;
    precedence_.will_route(exchange_ == cookie_exchange::never || has_cookie(from, datagram));
    ++routed_;
    auto& peer = accounts_[from.peer];
    peer.received += datagram.size();
    if (const auto bytes = whereabouts_.will_route(from, datagram); bytes > 0) {
        peer.authentic += bytes;
        hosts_.try_emplace(from.peer.address, host{now_}).first->second.authentic += bytes;
    }
    ++peer.asked;
    peer.last = now_;
    mix(static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    mix(datagram.size() << 16 | from.peer.port);
}

void auditor::sent(const wire::path& to, wire::bytes datagram)
{
    mix(datagram.size());
    note_cookie(to, datagram);
    auto& peer = accounts_[to.peer];
    if (peer.handshakes > 0) precedence_.sent(to.peer, datagram);
    peer.sent += datagram.size();
    if (begins_protected(datagram)) peer.protected_sent += datagram.size();
    ++peer.answered;
    peer.last = now_;
    sent_to_.push_back(to.peer);
}

/// Checks the limits of unvalidated peers (RFC 9000 8, RFC 6347 4.2.1) and moved sessions (RFC 9146 6).
void auditor::judge_budgets()
{
    const auto factor = exchange_ == cookie_exchange::adaptive ? 3U : 1U;
    for (const auto& address : std::exchange(sent_to_, {})) {
        const auto& peer = accounts_[address];
        if (peer.proven) continue;
        const auto moved_there = peer.moved_to ? peer.protected_sent : 0;
        hold(exchange_ == cookie_exchange::never || peer.sent - moved_there <= factor * peer.received,
             "an unvalidated peer is sent more than its limit");
        hold(peer.reached || moves_ == move_policy::trusted ||
                 static_cast<double>(moved_there) <= unvalidated_bytes(peer, address),
             "a session sends more than its limit to an unvalidated address");
    }
}

/// Returns the bytes that sessions which moved here may have been sent. `move_policy::sustained` allows
/// three times the bytes from any port, plus the rate if the address is validated or long in use.
double auditor::unvalidated_bytes(const account& peer, const wire::endpoint& address) const
{
    const auto from_here = 3 * static_cast<double>(peer.authentic);
    if (moves_ != move_policy::sustained || !peer.moved_to) return from_here;
    const auto known = hosts_.find(address.address);
    const bool sustained =
        known != hosts_.end() && now_ - known->second.since >= sessions::path_validator::sustained_time;
    const auto seconds = 1 + std::chrono::duration<double>(now_ - peer.moved_at).count();
    const auto rate = peer.moves * seconds * static_cast<double>(limits_.unvalidated_bytes_per_second);
    if (shared_addresses_) return from_here + (sustained ? rate : 0);
    const auto from_there = known == hosts_.end() ? 0 : 3 * static_cast<double>(known->second.authentic);
    return from_there + (sustained || peer.near_home ? rate : 0);
}

void auditor::note_cookie(const wire::path& to, wire::bytes datagram)
{
    const auto record = wire::first_record(datagram);
    if (!record || record->epoch != 0 || !record->is(wire::content_type::handshake)) return;
    wire::reader in{record->payload};
    const auto message = wire::read_handshake(in);
    if (message.type != wire::handshake_type::hello_verify_request || message.body.size() != 3 + 16) return;
    cookie made;
    std::ranges::copy(message.body.subspan(3), made.begin());
    cookies_[made] = {to.peer, now_};
    cookie_ages_.emplace_back(now_, made);
}

bool auditor::is_issued(wire::bytes given, const wire::endpoint& peer) const
{
    cookie wanted;
    if (given.size() != wanted.size()) return false;
    std::ranges::copy(given, wanted.begin());
    const auto found = cookies_.find(wanted);
    return found != cookies_.end() && found->second.to == peer && now_ <= found->second.when + cookie_life_;
}

bool auditor::has_cookie(const wire::path& from, wire::bytes datagram) const
{
    const auto record = wire::first_record(datagram);
    if (!record) return false;
    const auto read = wire::read_client_hello(*record);
    const auto* hello = std::get_if<wire::client_hello_view>(&read);
    return hello && is_issued(hello->cookie, from.peer);
}

void auditor::admitted(const wire::client_hello_view& hello, const wire::path& from, bool proven)
{
    const bool really = is_issued(hello.cookie, from.peer);
    hold(!proven || really, "a hello counts as proven with a cookie that its address was never sent");
    hold(really || exchange_ != cookie_exchange::always,
         "a hello is admitted without the cookie that is required");
    auto& peer = accounts_[from.peer];
    peer.proven = peer.proven || really;
    precedence_.admitted(from.peer, hello, peer.handshakes > 0);
    admitted_in_step_ = true;
    ++peer.handshakes;
    ++handshakes_;
    ++handshakes_by_source_[from.peer.address];
}

void auditor::handshake_over(const wire::path& path)
{
    auto& peer = accounts_[path.peer];
    if (peer.handshakes == 0) return fail("a handshake ends that never began");
    if (--peer.handshakes == 0) precedence_.over(path.peer);
    --handshakes_;
    if (--handshakes_by_source_[path.peer.address] == 0) handshakes_by_source_.erase(path.peer.address);
}

void auditor::established(const dispatch::connection& connection)
{
    const auto& at = connection.path().peer;
    handshake_over(connection.path());
    accounts_[at].proven = true;
    const auto begun_at = accounts_[at].stands_for.value_or(at);
    hold(accounts_[begun_at].begun > 0, "a session with an address where nobody has begun a handshake");
    hold(connection.validated || exchange_ != cookie_exchange::always, "a session without a proven cookie");
    add_session(connection, begun_at);
}

void auditor::imported(const dispatch::connection& connection, const wire::endpoint& begun_at)
{
    const auto& at = accounts_[connection.path().peer];
    hold(connection.path().peer == begun_at || at.proven || at.reached || moves_ == move_policy::trusted,
         "a session is imported with an address where its peer has never been");
    add_session(connection, begun_at);
}

void auditor::add_session(const dispatch::connection& connection, const wire::endpoint& begun_at)
{
    ++accounts_[begun_at].sessions;
    sessions_[&connection] = {now_, begun_at};
    whereabouts_.established(connection);
    if (!connection.has_id())
        hold(++accounts_[connection.path().peer].plain_sessions <= 1, "two sessions of one peer");
}

void auditor::moved(const dispatch::connection& connection, const wire::path& before)
{
    auto& there = accounts_[connection.path().peer];
    if (there.moves++ == 0) there.moved_at = now_;
    there.moved_to = true;
    there.near_home = there.near_home || begun_at(connection).address == connection.path().peer.address ||
                      reached_hosts_.contains(connection.path().peer.address);
    there.last = accounts_[before.peer].last = now_;
    whereabouts_.moved(connection,
                       there.proven || there.reached || connection.path().peer == begun_at(connection));
}

void auditor::ended(const std::shared_ptr<dispatch::connection>& connection, bool was_session)
{
    hold(!connection->scheduled(), "a timer for a dead association");
    hold(connection->phase() == sessions::phase::closed, "an association has ended that is not closed");
    dead_.push_back(connection);
    if (was_session) {
        const auto begun = begun_at(*connection);
        auto& peer = accounts_[begun];
        --peer.sessions;
        if (!connection->has_id()) --accounts_[connection->path().peer].plain_sessions;
        judge_end(*connection, peer);
        sessions_.erase(connection.get());
        whereabouts_.ended(*connection);
        reset_.push_back(begun);
    } else {
        if (connection->close_reason() == close_reason::displaced) precedence_.displaced();
        handshake_over(connection->path());
    }
    reset_.push_back(connection->path().peer);
}

/// RFC 6347 4.1.2.7: only authentic records, the application or a timeout end a session.
void auditor::judge_end(const dispatch::connection& connection, account& peer)
{
    switch (connection.close_reason()) {
        case close_reason::peer_closed:
            return hold(peer.client_closed, "a session is closed by a peer that did not close it");
        case close_reason::closed_here:
            return hold(peer.server_closed, "a session is closed here, though nobody asked for it");
        case close_reason::idle_timeout:
            return hold(now_ - sessions_[&connection].heard >= limits_.idle_timeout,
                        "a session ends by idle timeout in spite of messages");
        case close_reason::replaced:
            hold(!connection.has_id(), "a session that can be found by its id is replaced");
            return hold(peer.begun > 1, "a session is replaced by a peer that did not begin anew");
        case close_reason::peer_alert:
            return hold(peer.client_failed, "a session is ended by an alert that its peer did not send");
        case close_reason::server_stopped:
        case close_reason::exported:
            return hold(restarting_, "a session ends with its server, which does not end");
        default:
            return fail("a session ends without a reason");
    }
}

void auditor::routed(dispatch::decision decided)
{
    using dispatch::disposition;
    ++(decided.disposition == disposition::delivered  ? delivered_
       : decided.disposition == disposition::answered ? answered_
                                                      : dropped_);
    mix(static_cast<std::uint64_t>(decided.disposition) << 8 | static_cast<std::uint64_t>(decided.reason));
    whereabouts_.routed(decided.disposition == disposition::delivered ||
                        decided.reason == drop_reason::receive_queue_full);
    if (decided.disposition == disposition::dropped) precedence_.dropped(decided.reason);
    // The listener is not notified when the amplification limit cancels a new handshake.
    if (admitted_in_step_ && decided.disposition != disposition::delivered) handshake_over(from_);
}

void auditor::step_over(const metrics& counted, const dispatch::dispatcher& server)
{
    ++steps_;
    hold(counted.balanced() && counted.received == routed_ && counted.delivered == delivered_ &&
             counted.answered == answered_ && counted.dropped.total() == dropped_,
         "datagrams do not balance: received = delivered + answered + dropped");
    hold(server.size() <= limits_.max_sessions, "more associations than the limit");
    hold(server.half_open() <= limits_.max_half_open, "more handshakes than the limit");
    hold(server.half_open() == handshakes_, "handshakes in progress are miscounted");
    hold(counted.sessions == sessions_.size(), "sessions are miscounted");
    if (const auto source = handshakes_by_source_.find(from_.peer.address);
        source != handshakes_by_source_.end() && !shared_addresses_)
        hold(source->second <= limits_.max_half_open_per_source,
             "more handshakes of a source than its limit");
    judge_budgets();
    std::erase_if(dead_, [this](const auto& each) {
        const auto left = each.lock();
        if (left && at_work_.contains(left.get())) return false;
        hold(!left, "an association outlives its end");
        return true;
    });
    for (const auto& address : reset_) {
        auto& peer = accounts_[address];
        if (peer.sessions > 0 || peer.handshakes > 0 || is_lived_at(address)) continue;
        peer.received = peer.sent = peer.protected_sent = 0;
        peer.proven = false;
    }
    reset_.clear();
}

bool auditor::is_lived_at(const wire::endpoint& address) const
{
    return std::ranges::any_of(sessions_,
                               [&](const auto& each) { return each.first->path().peer == address; });
}

void auditor::remove_old_unknown_peers()
{
    for (const auto& [peer, known] : sessions_) accounts_[peer->path().peer].last = now_;
    std::erase_if(accounts_, [&](const auto& each) {
        const auto& peer = each.second;
        const auto quiet = peer.begun > 0 || peer.stands_for || peer.moved_to ? 150s : 60s;
        return peer.sessions == 0 && peer.handshakes == 0 && now_ - peer.last > quiet;
    });
    for (; !cookie_ages_.empty() && now_ > cookie_ages_.front().first + cookie_life_;
         cookie_ages_.pop_front())
        cookies_.erase(cookie_ages_.front().second);
}

}  // namespace quivive::test::sim
