#include "observe/counters.hpp"

#include "support/catch.hpp"

#include <set>
#include <string>

using namespace quivive;

namespace {

// All counters of `metrics` except those by reason.
constexpr std::uint64_t metrics::*members[] = {&metrics::received,
                                               &metrics::received_bytes,
                                               &metrics::delivered,
                                               &metrics::answered,
                                               &metrics::receive_errors,
                                               &metrics::sent,
                                               &metrics::sent_bytes,
                                               &metrics::send_errors,
                                               &metrics::send_dropped,
                                               &metrics::send_runs_refused,
                                               &metrics::cookies_proven,
                                               &metrics::admitted_unproven,
                                               &metrics::version_alerts,
                                               &metrics::flights_withheld,
                                               &metrics::handshakes_started,
                                               &metrics::handshakes_completed,
                                               &metrics::handshakes_failed,
                                               &metrics::handshakes_wrong_key,
                                               &metrics::server_names_rejected,
                                               &metrics::handshakes_without_ems,
                                               &metrics::handshakes_without_secure_renegotiation,
                                               &metrics::handshakes_timed_out,
                                               &metrics::handshakes_displaced,
                                               &metrics::resumptions,
                                               &metrics::resumptions_refused,
                                               &metrics::sessions_without_ems,
                                               &metrics::flights_repeated,
                                               &metrics::sessions_closed,
                                               &metrics::sessions_replaced,
                                               &metrics::sessions_idled_out,
                                               &metrics::sessions_moved,
                                               &metrics::moves_undone,
                                               &metrics::sessions_exported,
                                               &metrics::sessions_imported,
                                               &metrics::datagrams_withheld,
                                               &metrics::handler_exceptions,
                                               &metrics::messages_received,
                                               &metrics::messages_sent,
                                               &metrics::associations,
                                               &metrics::half_open,
                                               &metrics::sessions,
                                               &metrics::load_high,
                                               &metrics::load_changes,
                                               &metrics::hellos_per_second,
                                               &metrics::handshake_cpu_percent};

constexpr observe::counter observe::counters::*counters[] = {
    &observe::counters::received,
    &observe::counters::received_bytes,
    &observe::counters::delivered,
    &observe::counters::answered,
    &observe::counters::receive_errors,
    &observe::counters::sent,
    &observe::counters::sent_bytes,
    &observe::counters::send_errors,
    &observe::counters::send_dropped,
    &observe::counters::send_runs_refused,
    &observe::counters::cookies_proven,
    &observe::counters::admitted_unproven,
    &observe::counters::version_alerts,
    &observe::counters::flights_withheld,
    &observe::counters::handshakes_started,
    &observe::counters::handshakes_completed,
    &observe::counters::handshakes_failed,
    &observe::counters::handshakes_wrong_key,
    &observe::counters::server_names_rejected,
    &observe::counters::handshakes_without_ems,
    &observe::counters::handshakes_without_secure_renegotiation,
    &observe::counters::handshakes_timed_out,
    &observe::counters::handshakes_displaced,
    &observe::counters::resumptions,
    &observe::counters::resumptions_refused,
    &observe::counters::sessions_without_ems,
    &observe::counters::flights_repeated,
    &observe::counters::sessions_closed,
    &observe::counters::sessions_replaced,
    &observe::counters::sessions_idled_out,
    &observe::counters::sessions_moved,
    &observe::counters::moves_undone,
    &observe::counters::sessions_exported,
    &observe::counters::sessions_imported,
    &observe::counters::datagrams_withheld,
    &observe::counters::handler_exceptions,
    &observe::counters::messages_received,
    &observe::counters::messages_sent,
    &observe::counters::associations,
    &observe::counters::half_open,
    &observe::counters::sessions,
    &observe::counters::load_high,
    &observe::counters::load_changes,
    &observe::counters::hellos_per_second,
    &observe::counters::handshake_cpu_percent};

}  // namespace

TEST_CASE("Metrics: this test covers every counter")
{
    static_assert(std::size(members) == std::size(counters));
    // handshake_steps_waiting, trust_all_networks, never_networks, reloads
    constexpr std::size_t not_a_shards = 4;
    STATIC_REQUIRE(sizeof(metrics) ==
                   (std::size(members) + not_a_shards + 2 * drop_reason_count) * sizeof(std::uint64_t));
}

TEST_CASE("Counters: each counter appears in the snapshot under its own name")
{
    for (std::size_t i = 0; i < std::size(members); ++i) {
        observe::counters counting;
        (counting.*counters[i]).add(i + 1);
        const auto seen = counting.snapshot();
        for (std::size_t j = 0; j < std::size(members); ++j) CHECK(seen.*members[j] == (i == j ? i + 1 : 0));
    }
}

TEST_CASE("Counters: dropped datagrams and discarded records are counted apart, each by its reason")
{
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        const auto reason = static_cast<drop_reason>(i);
        observe::counters counting;
        counting.dropped.note(reason);
        counting.discarded.note(reason);
        counting.discarded.note(reason);
        const auto seen = counting.snapshot();
        CHECK(seen.dropped[reason] == 1);
        CHECK(seen.dropped.total() == 1);
        CHECK(seen.discarded[reason] == 2);
        CHECK(seen.discarded.total() == 2);
    }
}

TEST_CASE("Metrics: the sum of shards adds every counter")
{
    metrics one, other;
    for (std::size_t i = 0; i < std::size(members); ++i) {
        one.*members[i] = i + 1;
        other.*members[i] = 1'000 * (i + 1);
    }
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        const auto reason = static_cast<drop_reason>(i);
        one.dropped[reason] = i;
        other.dropped[reason] = 10;
        other.discarded[reason] = 3 * i;
    }
    one += other;
    for (std::size_t i = 0; i < std::size(members); ++i) CHECK(one.*members[i] == 1'001 * (i + 1));
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        CHECK(one.dropped[static_cast<drop_reason>(i)] == i + 10);
        CHECK(one.discarded[static_cast<drop_reason>(i)] == 3 * i);
    }
}

TEST_CASE("Metrics: each datagram counts as exactly one of delivered, answered and dropped")
{
    metrics counted;
    CHECK(counted.balanced());
    counted.received = 6;
    counted.delivered = 3;
    counted.answered = 2;
    CHECK_FALSE(counted.balanced());
    counted.dropped[drop_reason::bad_epoch] = 1;
    CHECK(counted.balanced());
    counted.discarded[drop_reason::bad_epoch] = 7;  // records, not datagrams
    CHECK(counted.balanced());
}

TEST_CASE("Drop reasons: each has its own name")
{
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < drop_reason_count; ++i) names.insert(to_string(static_cast<drop_reason>(i)));
    CHECK(names.size() == drop_reason_count);
    CHECK_FALSE(names.contains(""));
    CHECK_FALSE(names.contains("unknown"));
    CHECK(to_string(drop_reason::bad_record_mac) == "bad_record_mac");
    CHECK(to_string(static_cast<drop_reason>(drop_reason_count)) == "unknown");
}
