#include "program/counters_report.hpp"
#include "support/catch.hpp"

using quivive::drop_reason;
using quivive::program::counters_report;

namespace {

bool has_line(const std::string& report, const std::string& line)
{
    return ('\n' + report).find('\n' + line + '\n') != std::string::npos;
}

}  // namespace

TEST_CASE("the report states the balance of datagrams in one line")
{
    quivive::metrics counted;
    counted.received = 12;
    counted.delivered = 7;
    counted.answered = 2;
    counted.dropped[drop_reason::bad_version] = 1;
    counted.dropped[drop_reason::empty_datagram] = 2;

    CHECK(has_line(counters_report(counted), "received 12 = delivered 7 + answered 2 + dropped 3"));
}

TEST_CASE("the report lists the drop reasons with nonzero counts, separately for datagrams and records")
{
    quivive::metrics counted;
    counted.dropped[drop_reason::bad_version] = 3;
    counted.discarded[drop_reason::session_closing] = 4;  // the last drop reason in the list
    const auto report = counters_report(counted);

    CHECK(has_line(report, "dropped.bad_version 3"));
    CHECK(has_line(report, "discarded.session_closing 4"));
    CHECK(report.find("dropped.session_closing") == std::string::npos);
    CHECK(report.find("empty_datagram") == std::string::npos);
}

TEST_CASE("the report lists counters other than drop reasons even at zero, so that scripts find them")
{
    quivive::metrics counted;
    counted.handshakes_completed = 5;
    const auto report = counters_report(counted);

    CHECK(has_line(report, "handshakes_completed 5"));
    CHECK(has_line(report, "handshakes_failed 0"));
    CHECK(has_line(report, "handler_exceptions 0"));
}

TEST_CASE("the report lists each metric once, and the metrics of the balance only in the balance line")
{
    const auto report = '\n' + counters_report({});
    for (const auto& metric : quivive::program::all_metrics()) {
        INFO(metric.name);
        const bool in_balance = metric.value == &quivive::metrics::received ||
                                metric.value == &quivive::metrics::delivered ||
                                metric.value == &quivive::metrics::answered;
        CHECK(has_line(report, std::string{metric.name} + " 0") != in_balance);
    }
    CHECK(has_line(report, "received 0 = delivered 0 + answered 0 + dropped 0"));
}

TEST_CASE("the report ends with the command's own counters")
{
    const std::vector<quivive::program::named_count> others{{"echo_too_large", 0, {}},
                                                            {"forward_refused", 6, {}}};
    const auto report = counters_report({}, others);

    CHECK(report.ends_with("\necho_too_large 0\nforward_refused 6\n"));
}
