#include "faults/credentials.hpp"

#include "support/certificates.hpp"
#include "support/temp_directory.hpp"
#include "tls/gnutls_context.hpp"

#include <map>

namespace quivive::test {

namespace {

using tls::check;

/// A certificate authority, and what it has issued for both sides.
struct paper {
    temp_directory directory;
    issued ca = make_ca();
    issued server = make_certificate(ca), client = make_certificate(ca);
    std::string ca_file = directory.write("ca.pem", ca.certificate);
    std::string chain_file = directory.write("server.pem", server.certificate + ca.certificate);
    std::string key_file = directory.write("server.key", server.key);
    std::string psk_file = directory.write("psk", "me:0123456789abcdef0123456789abcdef\n");
};

const paper& papers()
{
    static const paper all;
    return all;
}

secret some_key() { return *secret::from_hex("0123456789abcdef0123456789abcdef"); }

/// A client context with a stored session, which each of its sessions resumes.
class resuming_client final : public tls::gnutls_context {
public:
    resuming_client()
    {
        certificates_ = tls::make_handle<tls::certificate_credentials>(
            "gnutls_certificate_allocate_credentials", gnutls_certificate_allocate_credentials);
        tls::problem_list problems;
        use_options({.dtls_1_0 = false, .priority = {}, .alpn = {}, .connection_ids = true},
                    {.certificate = true, .psk = false}, tls::suite_order::certificate, problems);
    }
    /// Performs one full handshake with a server of this context.
    void meet(const std::shared_ptr<const tls::context>& server,
              const std::shared_ptr<const tls::context>& self)
    {
        tls_pair pair{{}, {}, server, self};
        pair.finish();
        check(gnutls_session_get_data2(latest_, kept_.out()), "gnutls_session_get_data2");
    }

private:
    void apply_role(gnutls_session_t session) const override
    {
        latest_ = session;
        const auto& kept = kept_.get();
        if (kept.size > 0) check(gnutls_session_set_data(session, kept.data, kept.size), "set_data");
    }

    mutable gnutls_session_t latest_ = nullptr;
    tls::datum kept_;
};

std::shared_ptr<const tls::context> make_servers(const manner& how)
{
    if (how.talkative) return tls::make_server_context(full_server_credentials(), full_options());
    server_credentials credentials;
    if (how.psk)
        credentials.psk = [](std::string_view) { return some_key(); };
    else
        credentials.self_signed_if_none = true;
    return tls::make_server_context(credentials, {});
}

std::shared_ptr<const tls::context> make_clients(const manner& how)
{
    if (how.talkative) return tls::make_client_context(full_client_credentials(), full_options());
    if (how.resumes) {
        const auto client = std::make_shared<resuming_client>();
        client->meet(server_context_of(how), client);
        return client;
    }
    client_credentials credentials;
    if (how.psk) {
        credentials.psk_identity = "me";
        credentials.psk_key = some_key();
    } else {
        credentials.insecure = true;
    }
    return tls::make_client_context(credentials, {});
}

}  // namespace

std::shared_ptr<const tls::context> server_context_of(const manner& how)
{
    static std::map<std::string, std::shared_ptr<const tls::context>> made;
    auto& one = made[how.name];
    if (!one) one = make_servers(how);
    return one;
}

std::shared_ptr<const tls::context> client_context_of(const manner& how)
{
    static std::map<std::string, std::shared_ptr<const tls::context>> made;
    auto& one = made[how.name];
    if (!one) one = make_clients(how);
    return one;
}

server_credentials full_server_credentials()
{
    server_credentials credentials;
    credentials.certificate = {
        .chain_file = papers().chain_file, .key_file = papers().key_file, .chain_pem = {}, .key_pem = {}};
    credentials.psk_file = papers().psk_file;
    credentials.client_auth = client_certificates::require;
    credentials.client_auth_with_psk = true;
    credentials.client_ca_file = papers().ca_file;
    return credentials;
}

client_credentials full_client_credentials()
{
    client_credentials credentials;
    credentials.ca_file = papers().ca_file;
    credentials.server_name = "localhost";
    credentials.certificate = papers().client.in_memory();
    return credentials;
}

tls::context_options full_options()
{
    tls::context_options options;
    options.alpn = {"one", "two"};
    options.keying.exporters = {{.label = "EXPERIMENTAL faults", .bytes = 32}};
    options.keying.srtp_profiles = {"SRTP_AES128_CM_HMAC_SHA1_80"};
    return options;
}

}  // namespace quivive::test
