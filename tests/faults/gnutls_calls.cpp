#include "faults/injection.hpp"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <boost/preprocessor/punctuation/comma_if.hpp>
#include <boost/preprocessor/repetition/enum_params.hpp>
#include <boost/preprocessor/repetition/repeat.hpp>

#include <cstddef>
#include <tuple>

// Each GnuTLS function that the library calls and that can fail. The linker's --wrap redirects its calls to
// this file. CMake reads the names from this file. gnutls_list.py checks that none is missing.
namespace {

template <typename Function>
struct signature;
template <typename Result, typename... Arguments>
struct signature<Result(Arguments...)> {
    using result = Result;
    template <std::size_t N>
    using argument = std::tuple_element_t<N, std::tuple<Arguments...>>;
};

}  // namespace

#define QUIVIVE_PARAMETER(z, n, name) BOOST_PP_COMMA_IF(n) signature<decltype(name)>::argument<n> a##n

/// FAULTY(function, number of arguments, result of a failing call).
#define FAULTY(name, arity, failure)                                                                      \
    extern "C" decltype(name) __real_##name, __wrap_##name;                                               \
    signature<decltype(name)>::result __wrap_##name(BOOST_PP_REPEAT(arity, QUIVIVE_PARAMETER, name))      \
    {                                                                                                     \
        return quivive::test::fails_now(#name) ? failure : __real_##name(BOOST_PP_ENUM_PARAMS(arity, a)); \
    }                                                                                                     \
    static const quivive::test::injectable name##_is_injectable{#name};

// Handshakes and sessions.
FAULTY(gnutls_init, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_priority_set, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_credentials_set, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_alpn_set_protocols, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_server_name_set, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_srtp_set_profile_direct, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_session_ticket_enable_server, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_session_ext_register, 10, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_buffer_append_data, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_handshake, 1, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_certificate_verify_peers, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_alert_send, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_alert_send_appropriate, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_record_send, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_record_recv, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_record_get_state, 6, GNUTLS_E_INVALID_REQUEST)
FAULTY(gnutls_record_set_state, 3, GNUTLS_E_INVALID_REQUEST)

// Facts about a session.
FAULTY(gnutls_protocol_get_name, 1, nullptr)
FAULTY(gnutls_session_get_desc, 1, nullptr)
FAULTY(gnutls_server_name_get, 5, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_alpn_get_selected_protocol, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_psk_server_get_username2, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_get_dn3, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_prf_rfc5705, 7, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_srtp_get_selected_profile, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_srtp_get_keys, 7, GNUTLS_E_MEMORY_ERROR)

// Cryptography.
FAULTY(gnutls_rnd, 3, GNUTLS_E_RANDOM_FAILED)
FAULTY(gnutls_dtls_cookie_send, 6, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_dtls_cookie_verify, 6, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_aead_cipher_init, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_aead_cipher_encrypt, 10, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_aead_cipher_decrypt, 10, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_cipher_init, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_cipher_encrypt, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_cipher_decrypt, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_hmac_fast, 6, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_hkdf_extract, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_hkdf_expand, 5, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_hash_fast, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_hash_init, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_hash, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_base64_encode2, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_base64_decode2, 2, GNUTLS_E_MEMORY_ERROR)

// Configuration.
FAULTY(gnutls_priority_init, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_certificate_allocate_credentials, 1, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_certificate_set_x509_key, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_certificate_set_x509_trust_mem, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_psk_allocate_server_credentials, 1, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_psk_allocate_client_credentials, 1, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_psk_set_client_credentials2, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_psk_set_server_known_dh_params, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_session_ticket_key_generate, 1, GNUTLS_E_RANDOM_FAILED)
FAULTY(gnutls_srtp_get_profile_id, 2, GNUTLS_E_ILLEGAL_PARAMETER)
FAULTY(gnutls_pubkey_init, 1, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_pubkey_import_x509, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_pubkey_export2, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_privkey_init, 1, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_privkey_import2, 5, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_privkey_generate, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_privkey_get_key_id, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_privkey_get_pk_algorithm, 1, GNUTLS_E_INVALID_REQUEST)
FAULTY(gnutls_x509_privkey_export_ecc_raw, 5, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_init, 1, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_import, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_list_import2, 5, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_export2, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_check_issuer, 2, 0)
FAULTY(gnutls_x509_crt_get_key_id, 4, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_get_activation_time, 1, -1)
FAULTY(gnutls_x509_crt_get_expiration_time, 1, -1)
FAULTY(gnutls_x509_crt_set_activation_time, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_expiration_time, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_basic_constraints, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_dn_by_oid, 5, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_key, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_key_purpose_oid, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_key_usage, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_serial, 3, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_subject_alt_name, 5, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_set_version, 2, GNUTLS_E_MEMORY_ERROR)
FAULTY(gnutls_x509_crt_sign2, 5, GNUTLS_E_MEMORY_ERROR)
