#include "config/server_config.hpp"
#include "quivive/error.hpp"
#include "tls/context.hpp"
#include "tls/secret_file.hpp"

#include <exception>
#include <filesystem>

namespace quivive {

namespace {

/// The problems that `make` finds in the files that it reads.
template <typename Make>
std::vector<std::string> problems_of(Make make)
try {
    static_cast<void>(make());
    return {};
} catch (const config_error& error) {
    return error.problems();
} catch (const std::exception& error) {  // what GnuTLS refuses of what we took for good
    return {std::string{"credentials: cannot be used: "} + error.what()};
}

/// The folder of `state`, and the key in it that blobs are sealed with, as far as they are there already.
void check_state(const server_config& config, std::vector<std::string>& problems)
{
    if (config.state.empty()) return;
    tls::problem_list found;
    tls::check_state_folder(config.state, found);
    const auto key = std::filesystem::path{config.state} / "key";
    std::error_code ignored;
    if (found.empty() && config.cookies.secret_file.empty() && std::filesystem::exists(key, ignored))
        static_cast<void>(tls::load_secret(key.string(), found));
    for (const auto& each : found) problems.push_back("state: " + each);
}

}  // namespace

std::vector<std::string> validate_files(const server_config& config)
{
    auto problems = problems_of(
        [&] { return tls::make_server_context(config.credentials, config::context_options_of(config)); });
    const auto& secret = config.cookies.secret_file;
    if (!secret.empty()) static_cast<void>(tls::load_secrets(secret, problems));
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
    return tls::make_server_context(config.credentials, config::context_options_of(config))->warnings();
}

}  // namespace quivive
