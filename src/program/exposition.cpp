#include "program/exposition.hpp"

#include "quivive/cookie_policy.hpp"
#include "quivive/version.hpp"

#include <string>

namespace quivive::program {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric sample(metric::kind what, std::uint64_t value)
{
    ClientMetric one;
    (what == metric::kind::counter ? one.counter.value : one.gauge.value) = static_cast<double>(value);
    return one;
}

MetricFamily family(std::string_view name, metric::kind what, std::string_view help)
{
    const bool counter = what == metric::kind::counter;
    MetricFamily made;
    made.name = "quivive_" + std::string{name} + (counter ? "_total" : "");
    made.help = help;
    made.type = counter ? MetricType::Counter : MetricType::Gauge;
    return made;
}

MetricFamily by_reason(std::string_view name, std::string_view help, const drop_counts& counts)
{
    auto made = family(name, metric::kind::counter, help);
    for (std::size_t i = 0; i < drop_reason_count; ++i) {
        const auto reason = static_cast<drop_reason>(i);
        made.metric.push_back(sample(metric::kind::counter, counts[reason]));
        made.metric.back().label.push_back({"reason", std::string{to_string(reason)}});
    }
    return made;
}

std::string_view cookies_of_build() noexcept
{
    switch (compiled_cookies()) {
        case cookie_build::always:
            return "always";
        case cookie_build::never:
            return "never";
        case cookie_build::runtime:
            break;
    }
    return "runtime";
}

MetricFamily build_info()
{
    auto made = family("build_info", metric::kind::gauge, "Version and build, as labels; the value is 1");
    made.metric.push_back(sample(metric::kind::gauge, 1));
    made.metric.back().label = {{"version", std::string{version()}},
                                {"gnutls", std::string{gnutls_version()}},
                                {"cookies", std::string{cookies_of_build()}}};
    return made;
}

}  // namespace

std::vector<MetricFamily> exposition(const metrics& counted, std::span<const named_count> others)
{
    std::vector<MetricFamily> families{build_info()};
    for (const auto& [name, what, value, help] : all_metrics()) {
        families.push_back(family(name, what, help));
        families.back().metric.push_back(sample(what, counted.*value));
    }
    families.push_back(by_reason("dropped",
                                 "Datagrams dropped, by reason; rest_of_challenged_hello is normal: later "
                                 "fragments of a large ClientHello",
                                 counted.dropped));
    families.push_back(by_reason("discarded", "Records discarded, by reason", counted.discarded));
    for (const auto& [name, value, help] : others) {
        families.push_back(family(name, metric::kind::counter, help));
        families.back().metric.push_back(sample(metric::kind::counter, value));
    }
    return families;
}

}  // namespace quivive::program
