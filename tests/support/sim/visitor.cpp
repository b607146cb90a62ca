#include "support/sim/visitor.hpp"

namespace quivive::test::sim {

using namespace std::chrono_literals;

namespace {

/// Time after which an unfinished handshake is given up.
constexpr auto patience = 60s;

/// Datagrams in each direction after which an unfinished handshake is not the network's fault.
constexpr unsigned enough = 14;

/// Returns how many new clients a correct server with these counters may have turned away.
std::uint64_t turned_away(const metrics& counted)
{
    return counted.handshakes_displaced + counted.dropped[drop_reason::half_open_limit] +
           counted.dropped[drop_reason::source_half_open_limit] +
           counted.dropped[drop_reason::source_session_limit] + counted.dropped[drop_reason::session_limit];
}

}  // namespace

visit_counts& visit_counts::operator+=(const visit_counts& other)
{
    for (const auto field :
         {&visit_counts::begun, &visit_counts::connected, &visit_counts::timed_out, &visit_counts::failed,
          &visit_counts::messages, &visit_counts::answers, &visit_counts::closed, &visit_counts::vanished,
          &visit_counts::begun_anew, &visit_counts::rebound, &visit_counts::ended_by_server,
          &visit_counts::datagrams, &visit_counts::moved, &visit_counts::moved_early,
          &visit_counts::asked_elsewhere, &visit_counts::answered_elsewhere, &visit_counts::unlucky})
        this->*field += other.*field;
    longest_handshake = std::max(longest_handshake, other.longest_handshake);
    return *this;
}

visitor::visitor(schedule& time, seeded_random& random, network& net, server& visited,
                 const client_contexts& contexts, std::uint32_t address, const conditions& around,
                 const habits& ways)
    : time_{time},
      random_{random},
      net_{net},
      server_{visited},
      contexts_{contexts},
      habits_{ways},
      address_{address},
      way_{net.make_way(around)},
      port_{random.between(1'024, 30'000)}
{
    wait_and_come_again(false);
}

duration visitor::about(duration average) { return average * random_.between(100, 1'900) / 1'000; }

void visitor::wait_and_come_again(bool same_port)
{
    ++visit_;
    later(same_port ? about(1s) : about(habits_.between_visits), [this, same_port] { come(same_port); });
}

void visitor::come(bool same_port)
{
    leave();
    if (retired_) return;
    ++visit_;
    if (!same_port) first_at_ = address_of(address_, port_ = port_ < 31'000 ? port_ + 1 : 1'024);
    at_ = first_at_;
    was_connected_ = rebound_ = has_id_ = moved_early_ = false;
    arrived_ = said_ = 0;
    waits_for_.clear();
    heard_news_.clear();
    left_to_say_ = static_cast<unsigned>(random_.between(1, 2 * habits_.messages));
    begun_ = time_.now();
    alarm_ = no_deadline;
    sent_before_ = static_cast<unsigned>(counts_.datagrams);
    displaced_before_ = turned_away(server_.counted());
    restarts_before_ = server_.restarts();
    net_.attach(at_, *this, way_);
    server_.audit.handshake_begun(network::path_of(at_));
    ++counts_.begun;
    end_ = habits_.gnutls ? make_gnutls_end(contexts_) : make_our_end(contexts_, habits_.ids);
    later(patience, [this] { judge_time_out(); });
    if (random_.chance(habits_.moves_early)) later(about(500ms), [this] { move(); });
    end_->begin(time_.now());
    look();
}

void visitor::leave()
{
    if (!end_) return;
    net_.detach(at_);
    end_.reset();
}

void visitor::retire()
{
    retired_ = true;
    ++visit_;
    leave();
}

void visitor::fall_silent(duration length)
{
    way_->up.state.blackhole = way_->down.state.blackhole = true;
    time_.after(length, [way = way_] { way->up.state.blackhole = way->down.state.blackhole = false; });
}

void visitor::arrive(const octets& datagram, bool)
{
    if (!end_) return;
    ++arrived_;
    if (habits_.ids && habits_.ids->checks_paths) server_.audit.reached(network::path_of(at_));
    end_->take(datagram, time_.now());
    look();
}

/// Checks the state after any event that may have changed it.
void visitor::look()
{
    flush();
    if (end_->connected() && !was_connected_) {
        was_connected_ = true;
        ++counts_.connected;
        counts_.longest_handshake = std::max(counts_.longest_handshake, time_.now() - begun_);
        later(about(habits_.between_messages), [this] { talk(); });
    }
    if (was_connected_) read();
    if (end_->over()) {
        if (was_connected_) {
            ++counts_.ended_by_server;
            server_.audit.hold(server_.audit.server_has_closed(network::path_of(first_at_)),
                               "a client's session is ended by a server that did not end it");
        } else {
            ++counts_.failed;
            server_.audit.client_fails(network::path_of(first_at_));
            server_.audit.hold(!habits_.must_arrive || moved_early_ ||
                                   server_.restarts() != restarts_before_ ||
                                   server_.audit.may_fail(network::path_of(first_at_)),
                               "an undisturbed handshake fails");
        }
        leave();
        return wait_and_come_again(false);
    }
    sleep();
}

void visitor::flush()
{
    while (!end_->outgoing.empty()) {
        ++counts_.datagrams;
        has_id_ = has_id_ || begins_with_id(end_->outgoing.front());
        net_.to_server(at_, end_->outgoing.front(), way_);
        end_->outgoing.pop_front();
    }
}

void visitor::sleep()
{
    const auto next = end_->next_wake();
    if (next >= alarm_) return;
    alarm_ = next;
    later(next - time_.now(), [this] {
        if (time_.now() < alarm_ || !end_) return;
        alarm_ = no_deadline;
        end_->on_timer(time_.now());
        look();
    });
}

void visitor::judge_time_out()
{
    if (was_connected_) return;
    ++counts_.timed_out;
    auto& audit = server_.audit;
    const auto sent = counts_.datagrams - sent_before_;
    const bool blameless =
        !habits_.must_arrive || moved_early_ || audit.may_fail(network::path_of(first_at_)) ||
        turned_away(server_.counted()) != displaced_before_ || server_.restarts() != restarts_before_;
    if (!blameless) {
        ++counts_.unlucky;
        audit.hold(sent >= 4, "a client without a response does not retransmit (RFC 6347 4.2.4)");
        audit.hold(!audit.is_ignored(network::path_of(first_at_)), "an honest peer is not answered");
        audit.hold(arrived_ < enough || sent < 2 * enough,
                   "an honest handshake does not end, though the network lets it through");
    }
    leave();
    wait_and_come_again(false);
}

void visitor::move()
{
    const auto before = at_;
    net_.detach(at_);
    do
        at_ = address_of(address_ + (static_cast<std::uint32_t>(random_.below(3)) << 20),
                         random_.between(31'001, 65'535));
    while (net_.is_taken(at_) || at_ == before);
    net_.attach(at_, *this, way_);
    if (!was_connected_) {
        ++counts_.moved_early;
        moved_early_ = true;
        server_.audit.moves_early(network::path_of(first_at_), network::path_of(at_));
    } else if (has_id_) {
        ++counts_.moved;
    } else {
        ++counts_.rebound;
        rebound_ = true;
    }
}

/// Without an id the session is then lost, which the client finds out later. With an id it may move again
/// at once.
void visitor::move_perhaps()
{
    if (rebound_ || !random_.chance(has_id_ ? habits_.moves : habits_.rebinds)) return;
    move();
    if (has_id_ && random_.chance(0.3)) later(about(200ms), [this] { move(); });
}

void visitor::talk()
{
    if (!end_->connected()) return;
    if (left_to_say_-- == 0) return part();
    const bool lost = rebound_;
    move_perhaps();
    const auto message = message_of(first_at_, visit_, ++said_, random_.between(10, 300));
    waits_for_.insert(message);
    ++counts_.messages;
    if (has_id_ && at_ != first_at_) ++counts_.asked_elsewhere;
    server_.audit.says(message);
    end_->send(message);
    look();
    if (!end_) return;
    if (lost && random_.chance(0.5)) {  // nobody answers: begins again from the present address
        ++counts_.begun_anew;
        leave();
        first_at_ = at_;
        return wait_and_come_again(true);
    }
    later(about(habits_.between_messages), [this] { talk(); });
}

void visitor::part()
{
    if (random_.chance(habits_.begins_anew)) {
        ++counts_.begun_anew;
        leave();
        // Not after a NAT rebinding during the handshake, which the server may continue.
        return wait_and_come_again(!rebound_ && !moved_early_);
    }
    if (random_.chance(habits_.vanishes)) {
        ++counts_.vanished;
    } else {
        ++counts_.closed;
        server_.audit.client_closes(network::path_of(first_at_));
        end_->close(time_.now());
        flush();
    }
    leave();
    wait_and_come_again(false);
}

void visitor::read()
{
    while (const auto message = end_->read()) {
        if (message->starts_with(news)) {
            server_.audit.hold(heard_news_.insert(*message).second,
                               "a client receives the same message twice");
            continue;
        }
        ++counts_.answers;
        if (has_id_ && at_ != first_at_) ++counts_.answered_elsewhere;
        server_.audit.hold(waits_for_.erase(*message) == 1,
                           "a client receives an answer that it does not wait for");
    }
}

}  // namespace quivive::test::sim
