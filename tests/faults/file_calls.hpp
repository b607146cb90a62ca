#pragma once

#include <string>
#include <vector>

namespace quivive::test {

/// The functions of file_calls.cpp.
[[nodiscard]] const std::vector<const char*>& file_calls();

/// While it lives, each file that is about to get its name is copied to `as`: what may be found under that
/// name after a crash, whatever is done to it afterwards.
class keeps_renamed {
public:
    explicit keeps_renamed(const std::string& as);
    ~keeps_renamed();
    keeps_renamed(const keeps_renamed&) = delete;
    keeps_renamed& operator=(const keeps_renamed&) = delete;
};

}  // namespace quivive::test
