#pragma once

#include "server/level_log.hpp"
#include "wire/time.hpp"

#include <string_view>
#include <utility>

namespace quivive::runtime {

/// Log for lines that peers cause. It limits the lines a second, so that a peer cannot fill the disk.
class peer_log {
public:
    explicit peer_log(level_log log) : log_{std::move(log)} {}

    [[nodiscard]] bool wants(log_level level) const noexcept { return log_.wants(level); }
    void write(log_level level, std::string_view line, time_point now);

private:
    static constexpr unsigned lines_per_second = 20;

    level_log log_;
    time_point second_{};
    unsigned lines_ = 0;
};

}  // namespace quivive::runtime
