#pragma once

#include "quivive/observer.hpp"

#include <memory>
#include <string_view>

namespace quivive::program {

/// Writes log lines to stderr, and a trace. A dedicated thread writes, so that a slow terminal or a full pipe
/// does not block the threads of a server. When 1024 lines are waiting, the oldest is dropped; the number of
/// dropped lines is logged at the end. Thread-safe. The destructor writes all waiting lines.
class output {
public:
    enum class trace_to : unsigned char { standard_output, standard_error };

    static constexpr int everything = 2;

    /// `verbosity`: 0 shows warnings and errors, 1 also informational lines, 2 everything.
    output(int verbosity, trace_to where);
    ~output();

    output(const output&) = delete;
    output& operator=(const output&) = delete;

    void log(log_level level, std::string_view line);
    void trace(std::string_view line);

private:
    struct dependencies;
    std::unique_ptr<dependencies> dependencies_;
};

}  // namespace quivive::program
