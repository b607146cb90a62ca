#!/usr/bin/env bash
# program_dtls10_test.sh QUIVIVE openssl|gnutls-cli: the server refuses a client that supports only DTLS 1.0 (RFC 9325 3.1.2:
# MUST NOT be negotiated), unless it was started with --dtls10.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"

client=$1
need_tools openssl "$client"

main() {
    make_certificate server
    refused_by_default
    served_when_asked_for
}

refused_by_default() {
    start_echo --listen 127.0.0.1:0 --cert server.pem --key server.key
    local status=0
    old_client
    timeout --kill-after=5 60 "${command[@]}" <<<"$said" >client.out 2>&1 || status=$?
    ((status != 0 && status != 124)) || fail "$client was not refused: it ended with $status" client.out server.err
    ! has_line "^$said" client.out || fail "DTLS 1.0 was negotiated" client.out
    stop_echo
    expect_counter handshakes_completed 0
    expect_at_least 1 version_alerts
    expect_counter cookies_proven 0
}

served_when_asked_for() {
    start_echo --listen 127.0.0.1:0 --cert server.pem --key server.key --dtls10
    old_client
    talk "$connected" "${command[@]}"
    has_line "$version" client.out || fail "not DTLS 1.0" client.out
    stop_echo
    expect_counter handshakes_completed 1
}

# Sets $command, and the patterns for its output on connecting ($connected) and for the version ($version).
old_client() {
    case $client in
        openssl)
            command=(openssl s_client -dtls1 -cipher DEFAULT:@SECLEVEL=0 -connect "127.0.0.1:$port" -timeout
                -CAfile server.pem -verify_return_error)
            connected='Verify return code' version='Protocol *: DTLSv1$|New, DTLSv1,|, TLSv1.*Cipher' ;;
        gnutls-cli)
            command=(gnutls-cli --udp --port "$port" --x509cafile server.pem --verify-hostname localhost
                --priority NORMAL:-VERS-ALL:+VERS-DTLS1.0 127.0.0.1)
            connected='Handshake was completed' version='DTLS1\.0' ;;
    esac
}

main
