#include "program/output.hpp"
#include "support/catch.hpp"
#include "support/temp_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

using quivive::program::output;
using quivive::test::temp_directory;

/// Redirects the standard output of the process into a file during its lifetime.
class redirected_standard_output {
public:
    explicit redirected_standard_output(const std::filesystem::path& into) : before_{dup(STDOUT_FILENO)}
    {
        std::fflush(stdout);
        const int file = open(into.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        dup2(file, STDOUT_FILENO);
        close(file);
    }
    ~redirected_standard_output()
    {
        std::fflush(stdout);
        dup2(before_, STDOUT_FILENO);
        close(before_);
    }

    redirected_standard_output(const redirected_standard_output&) = delete;
    redirected_standard_output& operator=(const redirected_standard_output&) = delete;

private:
    int before_;
};

std::vector<std::string> lines_of(const std::filesystem::path& file)
{
    std::ifstream in{file};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

}  // namespace

// The output's thread must release the sink before the sink is destroyed. The thread sanitizer detects a
// violation if the output is destroyed just after the thread has written the last line. Every second round
// waits for the last line and then destroys the output.
TEST_CASE("the destructor of an output returns only after all lines are written")
{
    const temp_directory folder;
    const std::filesystem::path file = folder.file("trace");
    const std::vector<std::string> given{"{\"one\": 1}", "two {}", "", "four"};
    std::uintmax_t size = 0;
    for (const auto& line : given) size += line.size() + 1;

    for (int round = 0; round < 1'000; ++round) {
        {
            const redirected_standard_output there{file};
            output lines{output::everything, output::trace_to::standard_output};
            for (const auto& line : given) lines.trace(line);
            while (round % 2 == 1 && std::filesystem::file_size(file) < size) continue;
        }
        REQUIRE(lines_of(file) == given);
    }
}
