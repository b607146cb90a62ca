#pragma once

#include <string>
#include <vector>

namespace quivive::test {

/// Returns the names of the functions in file_calls.cpp.
[[nodiscard]] const std::vector<const char*>& file_calls();

/// During its lifetime, copies each file to `as` before it is renamed. A crash can leave this file under the
/// new name, whatever is done to it afterwards.
class keeps_renamed {
public:
    explicit keeps_renamed(const std::string& as);
    ~keeps_renamed();
    keeps_renamed(const keeps_renamed&) = delete;
    keeps_renamed& operator=(const keeps_renamed&) = delete;
};

}  // namespace quivive::test
