#pragma once

#include "server/level_log.hpp"

#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace quivive::runtime {

/// Log lines kept until no lock is held. The log sink is user code, which may call the server.
class buffered_log {
public:
    void add(log_level level, std::string_view text) noexcept
    try {
        lines_.push_back({level, std::string{text}});
    } catch (const std::bad_alloc&) {  // the line is lost
    }

    void write_to(const level_log& log) const
    {
        for (const auto& one : lines_) log.write(one.level, one.text);
    }

private:
    struct line {
        log_level level;
        std::string text;
    };
    std::vector<line> lines_;
};

}  // namespace quivive::runtime
