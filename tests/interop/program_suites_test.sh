#!/usr/bin/env bash
# program_suites_test.sh QUIVIVE openssl|gnutls-cli detached|attached: the client connects to one `quivive echo` with each of
# its AEAD suites, one after the other. It gets its echo, both sides report the suite, and the session closes cleanly.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"

client=$1 layer=$2
need_tools openssl "$client"

# Credential, key exchange and cipher (GnuTLS's names), suite (OpenSSL's name).
suites=(
    "certificate ECDHE-ECDSA AES-128-GCM ECDHE-ECDSA-AES128-GCM-SHA256"
    "certificate ECDHE-ECDSA AES-256-GCM ECDHE-ECDSA-AES256-GCM-SHA384"
    "certificate ECDHE-ECDSA CHACHA20-POLY1305 ECDHE-ECDSA-CHACHA20-POLY1305"
    "certificate ECDHE-ECDSA AES-128-CCM ECDHE-ECDSA-AES128-CCM"
    "certificate ECDHE-ECDSA AES-256-CCM ECDHE-ECDSA-AES256-CCM"
    "certificate ECDHE-ECDSA AES-128-CCM-8 ECDHE-ECDSA-AES128-CCM8"
    "certificate ECDHE-ECDSA AES-256-CCM-8 ECDHE-ECDSA-AES256-CCM8"
    "psk PSK AES-128-GCM PSK-AES128-GCM-SHA256"
    "psk PSK AES-256-GCM PSK-AES256-GCM-SHA384"
    "psk PSK CHACHA20-POLY1305 PSK-CHACHA20-POLY1305"
    "psk PSK AES-128-CCM PSK-AES128-CCM"
    "psk PSK AES-256-CCM PSK-AES256-CCM"
    "psk PSK AES-128-CCM-8 PSK-AES128-CCM8"
    "psk PSK AES-256-CCM-8 PSK-AES256-CCM8"
)
# gnutls-cli 3.7.9 crashes after such a handshake with any server.
[[ $client == gnutls-cli ]] || suites+=("psk ECDHE-PSK CHACHA20-POLY1305 ECDHE-PSK-CHACHA20-POLY1305")

main() {
    make_certificate server
    echo "$psk_identity:$psk_key_hex" >psk.txt
    start_echo --listen 127.0.0.1:0 --cert server.pem --key server.key --psk-file psk.txt --trace \
        --record-layer "$layer"
    local suite done=0
    local proof exchange cipher name
    for suite in "${suites[@]}"; do
        read -r proof exchange cipher name <<<"$suite"
        "speak_by_$client"
        the_server_agrees $((++done))
    done
    stop_echo

    local each
    for each in handshakes_completed sessions_closed messages_received messages_sent; do
        expect_counter "$each" "${#suites[@]}"
    done
    for each in handshakes_failed sessions_idled_out flights_repeated; do expect_counter "$each" 0; done
    ! has_line '^(dropped|discarded)\.' server.out || fail "the server dropped or discarded datagrams or records" server.out
    echo "$client, ${#suites[@]} suites, $layer: good"
}

speak_by_openssl() {
    # Security level 0, since higher levels have no CCM_8.
    talk_with_openssl "$proof" -cipher "$name:@SECLEVEL=0"
    has_line "Cipher is $name\$" client.out || fail "the suite is not $name" client.out
}

speak_by_gnutls-cli() {
    talk_with_gnutls-cli "$proof" "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+$exchange:-CIPHER-ALL:+$cipher"
    has_line "^- Description: \(DTLS1\.2.*-\($cipher\)\$" client.out || fail "the suite is not $name" client.out
}

the_server_agrees() {  # NUMBER OF CLOSED SESSIONS SO FAR
    wait_until 20 closed "$1" || fail "no close_notify: $name" client.out server.out
    grep 'established: ' server.out | tail -n 1 | grep -qE -- "-\($cipher\)\$" ||
        fail "the server does not report $name" server.out
}

closed() { (($(grep -cE ' closed: End of file$' server.out) == $1)); }  # HOW MANY

main
