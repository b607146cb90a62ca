#include "tls/fingerprint.hpp"

#include "tls/handles.hpp"
#include "tls/text_file.hpp"

#include <gnutls/crypto.h>

#include <array>

namespace quivive::tls {

namespace {

/// SHA-256 over strings, each preceded by its length so that boundaries stay unambiguous.
class digest {
public:
    digest() { check(gnutls_hash_init(&hash_, GNUTLS_DIG_SHA256), "gnutls_hash_init"); }
    ~digest() { gnutls_hash_deinit(hash_, nullptr); }
    digest(const digest&) = delete;
    digest& operator=(const digest&) = delete;

    void add(std::string_view text)
    {
        const std::uint64_t size = text.size();
        check(gnutls_hash(hash_, &size, sizeof size), "gnutls_hash");
        check(gnutls_hash(hash_, text.data(), text.size()), "gnutls_hash");
    }

    /// Adds the name and the content of the file; nothing for an empty name. Returns false when the file
    /// cannot be read.
    [[nodiscard]] bool add_file(file_use use, const std::string& path)
    {
        add(path);
        if (path.empty()) return true;
        problem_list unread;
        const auto content = read_file(path, use, unread);
        if (content) add(content->text());
        return content.has_value();
    }

    [[nodiscard]] std::string result() const
    {
        std::string bytes(32, '\0');
        gnutls_hash_output(hash_, bytes.data());
        return bytes;
    }

private:
    gnutls_hash_hd_t hash_{};
};

void add_options(digest& sum, const server_credentials& credentials, const context_options& options)
{
    const auto flag = [&](bool set) { sum.add(set ? "1" : "0"); };
    flag(credentials.certificate.has_value());
    flag(credentials.self_signed_if_none);
    flag(credentials.tickets);
    flag(credentials.client_auth_with_psk);
    flag(options.dtls_1_0);
    flag(options.connection_ids);
    flag(options.alpn_required);
    flag(options.extended_master_secret_required);
    flag(options.secure_renegotiation_required);
    sum.add(std::to_string(static_cast<int>(credentials.prefer)));
    sum.add(std::to_string(static_cast<int>(credentials.client_auth)));
    sum.add(std::to_string(credentials.ticket_lifetime.count()));
    sum.add(options.priority);
    for (const auto& protocol : options.alpn) sum.add(protocol);
    for (const auto& one : options.keying.exporters) sum.add(one.label + " " + std::to_string(one.bytes));
    for (const auto& profile : options.keying.srtp_profiles) sum.add(profile);
}

}  // namespace

std::string fingerprint(const server_credentials& credentials, const context_options& options)
{
    if (credentials.psk) return {};
    digest sum;
    add_options(sum, credentials, options);
    const auto certificate = credentials.certificate.value_or(quivive::certificate{});
    sum.add(certificate.chain_pem);
    sum.add(certificate.key_pem);
    const bool all_read = sum.add_file(file_use::certificates, certificate.chain_file) &&
                          sum.add_file(file_use::private_key, certificate.key_file) &&
                          sum.add_file(file_use::psk, credentials.psk_file) &&
                          sum.add_file(file_use::certificates, credentials.client_ca_file);
    return all_read ? sum.result() : std::string{};
}

}  // namespace quivive::tls
