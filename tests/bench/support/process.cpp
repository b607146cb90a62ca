#include "bench/support/process.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <signal.h>

namespace quivive::bench {

namespace {

std::filesystem::path folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

}  // namespace

std::chrono::nanoseconds cpu_time(pid_t process)
{
    std::chrono::nanoseconds sum{0};
    std::error_code ignored;
    for (const auto& task : std::filesystem::directory_iterator{folder_of(process) / "task", ignored}) {
        std::ifstream file{task.path() / "schedstat"};
        if (std::int64_t time = 0; file >> time) sum += std::chrono::nanoseconds{time};
    }
    return sum;
}

memory_use memory_of(pid_t process)
{
    memory_use use;
    std::ifstream file{folder_of(process) / "smaps_rollup"};
    std::string line;
    std::getline(file, line);  // the range of addresses
    for (std::string name, unit; file >> name;) {
        std::uint64_t kilobytes = 0;
        if (!(file >> kilobytes >> unit)) break;
        if (name == "Rss:") use.rss_bytes = kilobytes * 1'024;
        if (name == "Pss:") use.pss_bytes = kilobytes * 1'024;
    }
    return use;
}

bool is_alive(pid_t process) { return kill(process, 0) == 0; }

}  // namespace quivive::bench
