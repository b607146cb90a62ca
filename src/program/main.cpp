#include "program/arguments.hpp"
#include "program/check_command.hpp"
#include "program/client_command.hpp"
#include "program/complain.hpp"
#include "program/core_dumps.hpp"
#include "program/echo_command.hpp"
#include "program/exit_code.hpp"
#include "program/forward_command.hpp"
#include "quivive/error.hpp"
#include "quivive/version.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <string>

namespace {

namespace program = quivive::program;
namespace exit_code = quivive::program::exit_code;
using quivive::program::complain;

/// Prints help or version if requested; reports any other result as an error. An unknown word takes
/// precedence over a missing one, since it may be a misspelt form of it.
int help_or_complain(const CLI::App& app, const CLI::ParseError& end)
{
    if (end.get_exit_code() == 0) return app.exit(end);
    const auto unknown = app.remaining(true);
    const std::string what = unknown.empty() ? end.what() : "'" + unknown.front() + "' is not known here";
    std::string command = "quivive";
    for (const auto* sub : app.get_subcommands()) command += ' ' + sub->get_name();
    complain(what + " (see " + command + " --help)");
    return exit_code::usage;
}

int run(int argc, char** argv)
{
    CLI::App app{"DTLS servers and clients, from the command line", "quivive"};
    app.set_version_flag("--version", "quivive " + std::string{quivive::version()} + ", GnuTLS " +
                                          std::string{quivive::gnutls_version()});
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0: success; 1: the network or the peer failed; 2: the command line, or a file it\n"
        "names, must be corrected.");
    program::echo_command echo{app};
    program::forward_command forward{app};
    program::check_command check{app};
    program::client_command client{app};

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& end) {
        return help_or_complain(app, end);
    }
    program::hide_named_keys({argv, static_cast<std::size_t>(argc)});
    if (echo.was_called()) return echo.run();
    if (forward.was_called()) return forward.run();
    return check.was_called() ? check.run() : client.run();
}

}  // namespace

int main(int argc, char** argv)
{
    program::allow_core_dumps(false);  // before any key is read; a configuration may allow them
    std::signal(SIGPIPE, SIG_IGN);     // the reader of stdout may exit
    try {
        return run(argc, argv);
    } catch (const quivive::config_error& error) {
        for (const auto& problem : error.problems()) complain(problem);
        return exit_code::usage;
    } catch (const std::exception& error) {  // usually an address that cannot be bound
        complain(error.what());
        return exit_code::failure;
    }
}
