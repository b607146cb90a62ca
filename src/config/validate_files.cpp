#include "config/server_config.hpp"
#include "config/state_files.hpp"
#include "quivive/error.hpp"
#include "tls/context.hpp"
#include "tls/secret_file.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <iterator>

namespace quivive {

namespace {

/// Returns the problems that `make` finds in the files it reads.
template <typename Make>
std::vector<std::string> problems_of(Make make)
try {
    static_cast<void>(make());
    return {};
} catch (const config_error& error) {
    return error.problems();
} catch (const std::exception& error) {  // passed the checks of quivive, but GnuTLS refuses it
    return {std::string{"credentials: cannot be used: "} + error.what()};
}

struct read_secrets {
    std::size_t count = 0;
    std::vector<std::string> warnings{};
};

read_secrets load_secrets(const server_config& config, tls::problem_list& problems)
{
    read_secrets read;
    const auto& file = config.cookies.secret_file;
    if (!file.empty()) read.count = tls::load_secrets(file, problems, read.warnings).size();
    return read;
}

read_secrets load_secrets(const server_config& config)
{
    tls::problem_list problems;
    auto read = load_secrets(config, problems);
    if (!problems.empty()) throw config_error{std::move(problems)};
    return read;
}

/// Checks a file if it exists. The server creates a missing file.
void check_if_there(const std::filesystem::path& file, tls::problem_list& problems)
{
    std::error_code ignored;
    if (std::filesystem::symlink_status(file, ignored).type() != std::filesystem::file_type::not_found)
        static_cast<void>(tls::load_secret(file.string(), problems));
}

/// Checks the folder `state` and the files in it that a server reads at its start, as far as they exist.
void check_state(const server_config& config, std::vector<std::string>& problems)
{
    if (config.state.empty()) return;
    tls::problem_list found;
    tls::check_state_folder(config.state, found);
    if (found.empty()) {
        const std::filesystem::path folder{config.state};
        if (config.cookies.secret_file.empty()) check_if_there(folder / config::state_key_name, found);
        check_if_there(folder / config::state_id_name, found);
    }
    for (const auto& each : found) problems.push_back("state: " + each);
}

}  // namespace

std::vector<std::string> validate_files(const server_config& config)
{
    auto problems = problems_of(
        [&] { return tls::make_server_context(config.credentials, config::context_options_of(config)); });
    static_cast<void>(load_secrets(config, problems));
    check_state(config, problems);
    return problems;
}

std::vector<std::string> validate_files(const client_config& config)
{
    return problems_of([&] { return config::make_context(config); });
}

std::shared_ptr<const tls::context> config::make_context(const client_config& config)
{
    return tls::make_client_context(config.credentials, {.dtls_1_0 = config.dtls_1_0,
                                                         .priority = config.priority,
                                                         .alpn = config.alpn,
                                                         .keying = config.keying,
                                                         .connection_ids = config.connection_id.has_value()});
}

std::vector<std::string> file_warnings(const server_config& config)
{
    auto warnings =
        tls::make_server_context(config.credentials, config::context_options_of(config))->warnings();
    std::ranges::move(load_secrets(config).warnings, std::back_inserter(warnings));
    return warnings;
}

std::vector<std::string> file_notes(const server_config& config)
{
    return config::notes_on_secrets(config.cookies.secret_file, load_secrets(config).count);
}

std::vector<std::string> config::notes_on_secrets(const std::string& file, std::size_t count)
{
    if (count == 0) return {};
    return {file + ": has " + std::to_string(count) +
            (count == 1 ? " secret" : " secrets, the first of which makes cookies and seals sessions")};
}

}  // namespace quivive
