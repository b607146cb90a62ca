#include "program/output.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace quivive::program {
namespace {

constexpr std::size_t max_lines_waiting = 1'024;

[[nodiscard]] spdlog::level::level_enum shown_from(int verbosity)
{
    constexpr std::array levels{spdlog::level::warn, spdlog::level::info, spdlog::level::debug};
    return levels[static_cast<std::size_t>(std::clamp(verbosity, 0, 2))];
}

[[nodiscard]] spdlog::level::level_enum as_spdlog(log_level level)
{
    switch (level) {
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warning:
            return spdlog::level::warn;
        case log_level::error:
            break;
    }
    return spdlog::level::err;
}

[[nodiscard]] std::shared_ptr<spdlog::logger> make_logger(
    const std::shared_ptr<spdlog::details::thread_pool>& writer, spdlog::sink_ptr sink, const char* pattern)
{
    auto logger = std::make_shared<spdlog::async_logger>("quivive", std::move(sink), writer,
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_pattern(pattern);
    return logger;
}

[[nodiscard]] spdlog::sink_ptr trace_sink_for(output::trace_to where)
{
    if (where == output::trace_to::standard_output) return std::make_shared<spdlog::sinks::stdout_sink_mt>();
    return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

}  // namespace

// The writer is the last member, so that it is destroyed first. It then writes all queued lines before the
// sinks are destroyed.
struct output::dependencies {
    std::shared_ptr<spdlog::logger> log;
    std::shared_ptr<spdlog::logger> trace;
    std::shared_ptr<spdlog::details::thread_pool> writer =
        std::make_shared<spdlog::details::thread_pool>(max_lines_waiting, 1);
};

output::output(int verbosity, trace_to where) : dependencies_{std::make_unique<dependencies>()}
{
    dependencies_->log =
        make_logger(dependencies_->writer, std::make_shared<spdlog::sinks::stderr_color_sink_mt>(),
                    "%Y-%m-%d %H:%M:%S.%e quivive: %^%l%$: %v");
    dependencies_->log->set_level(shown_from(verbosity));
    dependencies_->trace = make_logger(dependencies_->writer, trace_sink_for(where), "%v");
}

output::~output()
{
    if (const auto lost = dependencies_->writer->overrun_counter(); lost != 0) {
        log(log_level::warning, std::to_string(lost) + " lines were lost because they came too fast");
    }
}

// The lines are passed as data, never as a format string.
void output::log(log_level level, std::string_view line)
{
    dependencies_->log->log(as_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
}

void output::trace(std::string_view line)
{
    dependencies_->trace->info(spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace quivive::program
