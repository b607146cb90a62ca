#pragma once

#include "quivive/observer.hpp"
#include "wire/time.hpp"

#include <string_view>
#include <utility>

namespace quivive::detail {

/// The log for what peers cause: a limit of lines a second, so that nobody can fill a disk from afar.
class peer_log {
public:
    explicit peer_log(log_sink sink) : sink_{std::move(sink)} {}

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(sink_); }
    void write(log_level level, std::string_view line, time_point now);

private:
    static constexpr unsigned lines_per_second = 20;

    log_sink sink_;
    time_point second_{};
    unsigned lines_ = 0;
};

}  // namespace quivive::detail
