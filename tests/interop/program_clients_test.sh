#!/usr/bin/env bash
# program_clients_test.sh QUIVIVE CLIENT always|never: CLIENT, a program of another project, performs handshakes with `quivive
# echo`, by certificate and by PSK, and gets its echo. The datagrams captured by tshark contain a HelloVerifyRequest with
# cookies, and none without (RFC 6347 4.2.1). The server then stops cleanly.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

client=$1 cookies=$2
need_tools openssl tshark dumpcap "$client"

policy=(--cookies "$cookies")
[[ $cookies == always ]] || policy+=(--trust-all-networks)

main() {
    make_certificate server
    echo "$psk_identity:$psk_key_hex" >psk.txt
    shake_hands_by certificate
    shake_hands_by psk
}

shake_hands_by() {  # certificate|psk
    start_echo --listen 127.0.0.1:0 --cert server.pem --key server.key --psk-file psk.txt --trace "${policy[@]}"
    start_capture
    "talk_with_$client" "$1"
    stop_capture_after_the_server_hello
    stop_echo

    the_wire_shows_the_cookie_exchange
    the_ladder_shows_it_too
    expect_counter handshakes_completed 1
    expect_counter handshakes_failed 0
    expect_at_least 1 messages_received
    expect_at_least 1 messages_sent
    echo "$client, by $1, cookies $cookies: good"
}

the_wire_shows_the_cookie_exchange() {
    local hellos verifies
    verifies=$(datagrams_with 3)
    hellos=$(datagrams_with 1)
    if [[ $cookies == always ]]; then
        ((verifies >= 1 && hellos >= 2)) || fail "$hellos ClientHellos and $verifies HelloVerifyRequests on the wire"
        expect_at_least 1 cookies_proven
        expect_counter admitted_unproven 0
    else
        ((verifies == 0)) || fail "$verifies HelloVerifyRequests on the wire, and cookies are off"
        expect_at_least 1 admitted_unproven
    fi
}

the_ladder_shows_it_too() {
    has_line 'ClientHello ─+▶ ' server.out || fail "no ClientHello in the sequence diagram" server.out
    has_line '├ .* established' server.out || fail "no end of the handshake in the sequence diagram" server.out
    if [[ $cookies == always ]]; then
        has_line '◀─+ HelloVerifyRequest ' server.out || fail "no HelloVerifyRequest in the sequence diagram" server.out
    else
        has_line 'HelloVerifyRequest' server.out && fail "a HelloVerifyRequest in the sequence diagram" server.out
    fi
}

# Datagrams that are still in the kernel when dumpcap stops are lost. Once the ServerHello is in the file, all datagrams before
# it are too.
stop_capture_after_the_server_hello() {
    wait_until 20 wire_has_server_hello || fail "no ServerHello on the wire" tshark.err client.out
    stop_capture
}

wire_has_server_hello() { (($(datagrams_with 2) > 0)); }

main
