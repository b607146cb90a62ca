#include "quivive/server_config.hpp"
#include "tls/context.hpp"
#include "tls/secret_file.hpp"

#include <algorithm>

namespace quivive {

std::vector<std::string> validate_files(const server_config& config)
{
    tls::problem_list problems;
    if (!config.cookies.secret_file.empty()) (void)tls::load_secret(config.cookies.secret_file, problems);
    try {
        (void)tls::make_server_context(
            config.credentials,
            {.dtls_1_0 = config.dtls_1_0, .priority = config.priority, .alpn = config.alpn});
    } catch (const config_error& error) {
        std::ranges::copy(error.problems(), std::back_inserter(problems));
    }
    return problems;
}

}  // namespace quivive
