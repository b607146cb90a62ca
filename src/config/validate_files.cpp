#include "quivive/server_config.hpp"

#include "quivive/error.hpp"
#include "tls/context.hpp"
#include "tls/secret_file.hpp"

#include <exception>

namespace quivive {

std::vector<std::string> validate_files(const server_config& config)
{
    std::vector<std::string> problems;
    try {
        static_cast<void>(tls::make_server_context(
            config.credentials,
            {config.dtls_1_0, config.priority, config.alpn, config.keying, config.connection_ids.enabled}));
    } catch (const config_error& error) {
        problems = error.problems();
    } catch (const std::exception& error) {  // what GnuTLS refuses of what we took for good
        problems.push_back(std::string{"credentials: cannot be used: "} + error.what());
    }
    const auto& secret = config.cookies.secret_file;
    if (!secret.empty()) static_cast<void>(tls::load_secret(secret, problems));
    return problems;
}

}  // namespace quivive
