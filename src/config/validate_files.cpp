#include "config/server_config.hpp"
#include "quivive/error.hpp"
#include "tls/context.hpp"
#include "tls/secret_file.hpp"

#include <exception>

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

}  // namespace

std::vector<std::string> validate_files(const server_config& config)
{
    auto problems = problems_of(
        [&] { return tls::make_server_context(config.credentials, config::context_options_of(config)); });
    const auto& secret = config.cookies.secret_file;
    if (!secret.empty()) static_cast<void>(tls::load_secret(secret, problems));
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
