#include "program/exposition.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

using prometheus::MetricFamily;
using prometheus::MetricType;
using quivive::drop_reason;
using quivive::program::all_metrics;
using quivive::program::exposition;
using quivive::program::named_count;

namespace {

const MetricFamily& find(const std::vector<MetricFamily>& families, std::string_view name)
{
    const auto at = std::ranges::find(families, name, &MetricFamily::name);
    INFO(name);
    REQUIRE(at != families.end());
    return *at;
}

/// Returns the value for `reason` in a family.
double value_of(const MetricFamily& family, std::string_view reason)
{
    for (const auto& one : family.metric)
        if (one.label.at(0).value == reason) return one.counter.value;
    FAIL("no reason " << reason);
    return 0;
}

}  // namespace

TEST_CASE("every member of metrics except the counts by reason has exactly one row in the metric table")
{
    constexpr auto by_reason = 2 * quivive::drop_reason_count;
    CHECK(all_metrics().size() + by_reason == sizeof(quivive::metrics) / sizeof(std::uint64_t));

    quivive::metrics counted;
    for (const auto& one : all_metrics()) counted.*one.value += 1;
    for (const auto& one : all_metrics()) {
        INFO(one.name);
        CHECK(counted.*one.value == 1);
    }
}

TEST_CASE("counter names end in _total, gauge names do not, and every metric has a help text")
{
    quivive::metrics counted;
    counted.received_bytes = 4'711;
    counted.half_open = 12;
    const auto families = exposition(counted, {});

    const auto& bytes = find(families, "quivive_received_bytes_total");
    CHECK(bytes.type == MetricType::Counter);
    CHECK(bytes.metric.at(0).counter.value == 4'711);

    const auto& half_open = find(families, "quivive_half_open");
    CHECK(half_open.type == MetricType::Gauge);
    CHECK(half_open.metric.at(0).gauge.value == 12);

    CHECK(std::ranges::none_of(families, &std::string::empty, &MetricFamily::help));
}

TEST_CASE("settings that reduce protection are exposed as gauges")
{
    quivive::metrics counted;
    counted.trust_all_networks = 1;
    counted.never_networks = 3;
    counted.load_high = 2;
    const auto families = exposition(counted, {});

    CHECK(find(families, "quivive_trust_all_networks").metric.at(0).gauge.value == 1);
    CHECK(find(families, "quivive_never_networks").metric.at(0).gauge.value == 3);
    CHECK(find(families, "quivive_load_high").metric.at(0).gauge.value == 2);
}

TEST_CASE("the drop counters have a label for each reason, even at zero")
{
    quivive::metrics counted;
    counted.dropped[drop_reason::bad_record_mac] = 3;
    counted.discarded[drop_reason::session_closing] = 4;
    const auto families = exposition(counted, {});

    const auto& dropped = find(families, "quivive_dropped_total");
    CHECK(dropped.metric.size() == quivive::drop_reason_count);
    CHECK(value_of(dropped, "bad_record_mac") == 3);
    CHECK(value_of(dropped, "session_closing") == 0);
    CHECK(value_of(find(families, "quivive_discarded_total"), "session_closing") == 4);
}

TEST_CASE("no metric name occurs twice, whatever counters a command adds")
{
    const std::vector<named_count> others{{"echo_too_large", 5, "some"}, {"forward_refused", 6, "others"}};
    const auto families = exposition({}, others);

    std::set<std::string> names;
    for (const auto& one : families) CHECK(names.insert(one.name).second);
    CHECK(find(families, "quivive_echo_too_large_total").metric.at(0).counter.value == 5);
    CHECK(find(families, "quivive_forward_refused_total").metric.at(0).counter.value == 6);
    CHECK(find(families, "quivive_forward_refused_total").help == "others");
}

TEST_CASE("the build info metric has its values in labels")
{
    const auto families = exposition({}, {});
    const auto& info = find(families, "quivive_build_info");
    REQUIRE(info.metric.size() == 1);
    CHECK(info.metric[0].gauge.value == 1);
    std::vector<std::string> names;
    for (const auto& label : info.metric[0].label) {
        names.push_back(label.name);
        CHECK_FALSE(label.value.empty());
    }
    CHECK(names == std::vector<std::string>{"version", "gnutls", "cookies"});
}
