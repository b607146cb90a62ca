#include "support/mutual_contexts.hpp"

#include "support/certificates.hpp"
#include "support/temp_directory.hpp"

namespace quivive::test {

mutual_contexts with_certificates_both_ways(std::size_t padding)
{
    const temp_directory directory;
    const auto ca = make_ca();
    server_credentials server;
    server.certificate = make_certificate().in_memory();
    server.client_auth = client_certificates::require;
    server.client_ca_file = directory.write("ca.pem", ca.certificate);

    client_credentials client;
    client.insecure = true;
    certificate_spec spec;
    spec.padding = padding;
    client.certificate = make_certificate(ca, spec).in_memory();
    return {tls::make_server_context(server, {}), tls::make_client_context(client, {})};
}

}  // namespace quivive::test
