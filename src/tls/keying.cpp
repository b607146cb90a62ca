#include "tls/keying.hpp"

#include "tls/handles.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace quivive::tls {

namespace {

constexpr std::size_t max_label = 249, max_bytes = 1'024, max_srtp_bytes = 256;

std::string joined(const std::vector<std::string>& profiles)
{
    std::string text;
    for (const auto& one : profiles) text.append(text.empty() ? "" : ":").append(one);
    return text;
}

/// The labels of TLS itself: an export with one of them would produce TLS's own keys (RFC 5705 4, RFC 7627
/// 4).
constexpr std::array<std::string_view, 5> reserved_labels{
    "client finished", "server finished", "master secret", "key expansion", "extended master secret",
};

void check_exporter(const exporter& one, problem_list& problems)
{
    const auto complain = [&](const std::string& what) {
        problems.push_back("keying: exporter \"" + one.label + "\": " + what);
    };
    if (one.label.empty() || one.label.size() > max_label) complain("a label must have 1 to 249 bytes");
    if (std::ranges::find(reserved_labels, one.label) != reserved_labels.end())
        complain("TLS itself uses this label; take a registered one, or one that begins with EXPERIMENTAL");
    if (one.bytes == 0 || one.bytes > max_bytes)
        complain(std::to_string(one.bytes) + " bytes; it must be 1..1024");
}

/// RFC 5705 4.
secret export_key(gnutls_session_t session, const exporter& wanted)
{
    std::vector<std::byte> key(wanted.bytes);
    check(gnutls_prf_rfc5705(session, wanted.label.size(), wanted.label.data(), 0, nullptr, key.size(),
                             reinterpret_cast<char*>(key.data())),
          "gnutls_prf_rfc5705");
    return secret{std::move(key)};
}

void add_srtp(gnutls_session_t session, keying_material& made)
{
    gnutls_srtp_profile_t profile{};
    if (gnutls_srtp_get_selected_profile(session, &profile) != 0) return;
    std::vector<std::byte> keys(max_srtp_bytes);
    gnutls_datum_t none{};
    const int size = check(gnutls_srtp_get_keys(session, keys.data(), static_cast<unsigned>(keys.size()),
                                                &none, &none, &none, &none),
                           "gnutls_srtp_get_keys");
    keys.resize(static_cast<std::size_t>(size));
    made.srtp_keys = secret{std::move(keys)};
    if (const char* name = gnutls_srtp_get_profile_name(profile)) made.srtp_profile = name;
}

/// Returns all profiles for which this version of GnuTLS has a name. The registry's numbers so far end at 8
/// (RFC 7714 14.2).
std::string known_srtp_profiles()
{
    std::string names;
    for (int number = 1; number <= 8; ++number)
        if (const char* name = gnutls_srtp_get_profile_name(static_cast<gnutls_srtp_profile_t>(number)))
            names += (names.empty() ? "" : ", ") + std::string{name};
    return names;
}

}  // namespace

void check_keying(const keying_options& wanted, problem_list& problems)
{
    for (const auto& one : wanted.exporters) check_exporter(one, problems);
    for (const auto& name : wanted.srtp_profiles) {
        gnutls_srtp_profile_t profile{};
        if (gnutls_srtp_get_profile_id(name.c_str(), &profile) != 0)
            problems.push_back("keying: srtp profile \"" + name + "\" is unknown to this GnuTLS; it knows " +
                               known_srtp_profiles());
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
    // RFC 7627 5.4: without it, another session may have the same master secret. SRTP's keys come from an
    // exporter as well (RFC 5764 4.2).
    if (gnutls_session_ext_master_secret_status(session) == 0) {
        made->error = errc::no_extended_master_secret;
        return made;
    }
    for (const auto& one : wanted.exporters) made->exported.push_back(export_key(session, one));
    if (!wanted.srtp_profiles.empty()) add_srtp(session, *made);
    return made;
}

}  // namespace quivive::tls
