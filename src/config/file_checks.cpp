#include "config/file_checks.hpp"

#include "config/server_config.hpp"
#include "tls/psk_beside_certificates.hpp"

#include <algorithm>

namespace quivive::config {

namespace {

void check_certificate(std::vector<problem>& problems, const server_credentials& credentials)
{
    if (!credentials.certificate) return;
    if (credentials.certificate->key_file.empty())
        problems.push_back({"credentials.certificate", "has no key; set key to the file of its private key",
                            "credentials.key"});
    if (credentials.certificate->chain_file.empty())
        problems.push_back({"credentials.key", "has no certificate; set certificate to the file of its chain",
                            "credentials.certificate"});
}

void check_client_auth(std::vector<problem>& problems, const server_credentials& credentials)
{
    const bool asks = credentials.client_auth != client_certificates::ignore;
    if (asks && credentials.client_ca_file.empty())
        problems.push_back({"credentials.client_auth",
                            "requests client certificates; client_ca must name the trusted authorities",
                            "credentials.client_ca"});
    if (!asks && !credentials.client_ca_file.empty())
        problems.push_back(
            {"credentials.client_ca",
             "has no effect while client_auth is \"ignore\"; set client_auth to \"request\" or "
             "\"require\", or remove client_ca",
             "credentials.client_auth"});
    if (tls::psk_undermines_certificates(credentials))
        problems.push_back(
            {"credentials.client_auth", tls::psk_undermines_certificates_text, "credentials.psk_file"});
}

void check_forward(std::vector<problem>& problems, const config_file& file)
{
    std::vector<boost::asio::ip::udp::endpoint> taken;
    for (std::size_t i = 0; i < file.forward.size(); ++i) {
        const auto& rule = file.forward[i];
        const auto table = "forward[" + std::to_string(i) + "].";
        if (rule.listen.empty())
            problems.push_back({table + "listen",
                                "is missing; give the addresses that DTLS clients use, such as "
                                "[\"0.0.0.0:5684\"]",
                                {}});
        if (rule.to.port() == 0)
            problems.push_back({table + "to",
                                "is missing; give the address of the plain UDP service, such as "
                                "\"127.0.0.1:5683\"",
                                {}});
        for (const auto& address : rule.listen) {
            if (address.port() != 0 && std::ranges::find(taken, address) != taken.end())
                problems.push_back({table + "listen",
                                    "has " + to_string(address) + ", which was named before; name it once",
                                    {}});
            taken.push_back(address);
        }
    }
}

}  // namespace

std::vector<problem> check(const config_file& file)
{
    auto problems = check(file.server);
    check_certificate(problems, file.server.credentials);
    check_client_auth(problems, file.server.credentials);
    check_forward(problems, file);
    return problems;
}

}  // namespace quivive::config
