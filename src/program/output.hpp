#pragma once

#include "quivive/observer.hpp"

#include <memory>
#include <string_view>

namespace quivive::program {

/// Lines for people: the log, on stderr, and a trace. A server's threads must not wait for a slow terminal or
/// a full pipe, so a thread of its own writes; when 1024 lines wait, the oldest makes room, and the end of
/// the log says how many did. Functions may be called on several threads at once. Destroyed, it has written
/// all.
class output {
public:
    enum class trace_to : unsigned char { standard_output, standard_error };

    static constexpr int everything = 2;

    /// `verbosity` 0 shows warnings and errors, 1 also what is informative, 2 everything.
    output(int verbosity, trace_to where);
    ~output();

    output(const output&) = delete;
    output& operator=(const output&) = delete;

    void log(log_level level, std::string_view line);
    void trace(std::string_view line);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace quivive::program
