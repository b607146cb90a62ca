#!/usr/bin/env bash
# program_tickets_test.sh QUIVIVE tickets|ems|required: the server's answer to clients of OpenSSL and GnuTLS that resume with a
# ticket, or that lack the extended master secret (RFC 7627) or secure renegotiation (RFC 5746).
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"

need_tools openssl gnutls-cli

by_openssl() {  # ARGUMENT...
    timeout --kill-after=5 30 openssl s_client -dtls1_2 -connect "$address" "$@" >client.out 2>client.err </dev/null || true
}

by_gnutls() {  # PRIORITY ARGUMENT...
    timeout --kill-after=5 30 gnutls-cli --udp --insecure --priority "NORMAL:-VERS-ALL:+VERS-DTLS1.2$1" -p "$port" \
        127.0.0.1 "${@:2}" >client.out 2>&1 </dev/null || true
}

said() { has_line "$1" client.out || fail "no '$1'" client.out client.err server.err; }

serve() {  # LINE...: starts a server with these lines before [credentials], and with stdin after it
    { printf '%s\n' 'listen = ["127.0.0.1:0"]' "$@" '[credentials]'; cat; } >server.toml
    start_echo --config server.toml
}

tickets() {
    serve </dev/null
    by_openssl -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -sess_out first.pem
    said '^New, '
    said 'lifetime hint: 21600 '
    by_openssl -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -sess_in first.pem
    said '^Reused, '
    # RFC 5246 7.4.1.2: a resumed session keeps its suite, which the hello must list.
    by_openssl -cipher ECDHE-ECDSA-AES256-GCM-SHA384 -sess_in first.pem -sess_out second.pem
    said '^New, .*ECDHE-ECDSA-AES256-GCM-SHA384'
    stop_echo
    expect_counter resumptions 1
    expect_counter resumptions_refused 1
    expect_counter handshakes_completed 3

    serve <<<'ticket_lifetime = "90s"'
    by_openssl
    said 'lifetime hint: 90 '
    stop_echo
    serve <<<'tickets = false'
    by_openssl
    ! has_line 'lifetime hint' client.out || fail "the server sent a ticket" client.out
    stop_echo
}

ems() {
    serve </dev/null
    by_gnutls '' --resume
    said '^\*\*\* This is a resumed session'
    by_gnutls ':%NO_SESSION_HASH' --resume
    said '^- Description: '
    ! has_line '^\*\*\* This is a resumed session' client.out || fail "the session was resumed" client.out
    stop_echo
    expect_counter resumptions 1
    expect_counter sessions_without_ems 2
    expect_counter handshakes_failed 0
}

required() {
    serve 'extended_master_secret = "required"' </dev/null
    by_gnutls ''
    said '^- Description: '
    by_openssl
    said '^New, '
    by_gnutls ':%NO_SESSION_HASH'
    said 'Received alert \[40\]'
    stop_echo
    expect_failures handshakes_without_ems
    expect_counter sessions_without_ems 0

    serve 'secure_renegotiation = "required"' </dev/null
    by_gnutls ''
    said '^- Description: '
    by_openssl
    said '^New, '
    by_gnutls ':%DISABLE_SAFE_RENEGOTIATION'
    said 'Received alert \[40\]'
    stop_echo
    expect_failures handshakes_without_secure_renegotiation
}

# Expects the counter to account for all failed handshakes. GnuTLS's client sends its hello again before it aborts.
expect_failures() {  # COUNTER
    expect_at_least 1 "$1"
    expect_counter handshakes_failed "$value"
    expect_counter handshakes_completed 2
}

case $1 in
    tickets | ems | required) "$1" ;;
    *) fail "unknown: $1" ;;
esac
