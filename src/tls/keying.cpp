#include "tls/keying.hpp"

#include "tls/handles.hpp"

#include <array>
#include <string>

namespace quivive::tls {

namespace {

constexpr std::size_t most_label = 249, most_bytes = 1'024;

std::string joined(const std::vector<std::string>& profiles)
{
    std::string text;
    for (const auto& one : profiles) text.append(text.empty() ? "" : ":").append(one);
    return text;
}

/// RFC 5705 4. Empty when GnuTLS fails.
secret export_key(gnutls_session_t session, const exporter& wanted)
{
    std::vector<std::byte> key(wanted.bytes);
    const int code = gnutls_prf_rfc5705(session, wanted.label.size(), wanted.label.data(), 0, nullptr,
                                        key.size(), reinterpret_cast<char*>(key.data()));
    if (code != 0) key.clear();
    return secret{std::move(key)};
}

void add_srtp(gnutls_session_t session, keying_material& made)
{
    gnutls_srtp_profile_t profile{};
    if (gnutls_srtp_get_selected_profile(session, &profile) != 0) return;
    std::array<std::byte, 256> memory{};
    gnutls_datum_t none{};
    const int size = gnutls_srtp_get_keys(session, memory.data(), memory.size(), &none, &none, &none, &none);
    if (size <= 0) return;
    if (const char* name = gnutls_srtp_get_profile_name(profile)) made.srtp_profile = name;
    const auto keys = std::span{memory}.first(static_cast<std::size_t>(size));
    made.srtp_keys = secret{std::vector<std::byte>{keys.begin(), keys.end()}};
    gnutls_memset(memory.data(), 0, memory.size());
}

}  // namespace

void check_keying(const keying_options& wanted, problem_list& problems)
{
    for (const auto& one : wanted.exporters) {
        if (one.label.empty() || one.label.size() > most_label)
            problems.push_back("keying: exporter \"" + one.label + "\": a label must have 1 to 249 bytes");
        if (one.bytes == 0 || one.bytes > most_bytes)
            problems.push_back("keying: exporter \"" + one.label + "\": " + std::to_string(one.bytes) +
                               " bytes; it must be 1..1024");
    }
    for (const auto& name : wanted.srtp_profiles) {
        gnutls_srtp_profile_t profile{};
        if (gnutls_srtp_get_profile_id(name.c_str(), &profile) != 0)
            problems.push_back("keying: srtp profile \"" + name +
                               "\" is unknown to GnuTLS; SRTP_AEAD_AES_128_GCM is one that it knows");
    }
}

void offer_keying(gnutls_session_t session, const keying_options& wanted)
{
    if (wanted.srtp_profiles.empty()) return;
    check(gnutls_srtp_set_profile_direct(session, joined(wanted.srtp_profiles).c_str(), nullptr),
          "gnutls_srtp_set_profile_direct");
}

std::shared_ptr<const keying_material> make_keying(gnutls_session_t session, const keying_options& wanted)
{
    if (wanted.exporters.empty() && wanted.srtp_profiles.empty()) return nullptr;
    auto made = std::make_shared<keying_material>();
    if (gnutls_session_ext_master_secret_status(session) != 0)  // RFC 7627 5.4
        for (const auto& one : wanted.exporters) made->exported.push_back(export_key(session, one));
    if (!wanted.srtp_profiles.empty()) add_srtp(session, *made);
    return made;
}

}  // namespace quivive::tls
