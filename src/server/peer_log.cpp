#include "server/peer_log.hpp"

#include <string>

namespace quivive::runtime {

void peer_log::write(log_level level, std::string_view line, time_point now)
{
    if (!wants(level)) return;
    if (now >= second_ + std::chrono::seconds{1}) {
        if (lines_ > lines_per_second)
            log_.write(log_level::warning,
                       std::to_string(lines_ - lines_per_second) + " lines about peers were suppressed");
        second_ = now;
        lines_ = 0;
    }
    if (++lines_ <= lines_per_second) log_.write(level, line);
}

}  // namespace quivive::runtime
