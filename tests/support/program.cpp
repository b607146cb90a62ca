#include "support/program.hpp"

#include "quivive/server_config.hpp"

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace quivive::test {

namespace {

constexpr int patience_ms = 20'000;

}  // namespace

program::program(std::vector<std::string> more_arguments, const std::string& listen)
{
    std::vector<std::string> arguments{QUIVIVE_PROGRAM, "echo", "--listen", listen};
    arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);

    std::array<int, 2> pipe{};
    if (::pipe(pipe.data()) != 0) throw std::runtime_error{"pipe"};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
    posix_spawn_file_actions_addclose(&actions, pipe[0]);
    const int failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    from_ = pipe[0];
    if (failed != 0) throw std::runtime_error{"cannot start " + arguments[0]};

    const std::string said = "listening on ";
    for (;;) {
        const auto at = output_.find(said);
        const auto end = at == std::string::npos ? at : output_.find('\n', at);
        if (end != std::string::npos) {
            const auto begin = at + said.size();
            address_ = parse_endpoint(output_.substr(begin, end - begin)).value();
            return;
        }
        if (!read_some()) throw std::runtime_error{"the program does not listen: " + output_};
    }
}

program::~program()
{
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(from_);
}

std::size_t program::resident_bytes() const
{
    std::ifstream statm{"/proc/" + std::to_string(pid_) + "/statm"};
    std::size_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool program::reload()
{
    const auto before = output_.size();
    ::kill(pid_, SIGHUP);
    for (;;) {
        const auto has = [&](const char* words) {
            const auto at = output_.find(words, before);
            return at != std::string::npos && output_.find('\n', at) != std::string::npos;
        };
        if (has(": reloaded ")) return true;
        if (has("was not taken")) return false;
        if (!read_some()) throw std::runtime_error{"the reload was not reported: " + output_.substr(before)};
    }
}

int program::stop()
{
    ::kill(pid_, SIGINT);
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::uint64_t program::counter(const std::string& name) const
{
    const auto at = ("\n" + output_).find("\n" + name + " ");
    if (at == std::string::npos) throw std::runtime_error{"no counter " + name + " in " + output_};
    return std::stoull(output_.substr(at + name.size() + 1));
}

bool program::read_some()
{
    pollfd readable{from_, POLLIN, 0};
    if (::poll(&readable, 1, patience_ms) <= 0) return false;
    std::array<char, 4'096> buffer;
    const auto size = ::read(from_, buffer.data(), buffer.size());
    if (size <= 0) return false;
    output_.append(buffer.data(), static_cast<std::size_t>(size));
    return true;
}

}  // namespace quivive::test
