#!/usr/bin/env bash
# networks_test.sh QUIVIVE: one server has a rule for each of four networks of 127/8, one of each mode, and serves real clients
# from all of them. The datagrams captured by tshark contain a HelloVerifyRequest exactly where a rule requires it, and no
# datagram to a dropped client.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
need_tools openssl tshark dumpcap coap-client-gnutls

served=() challenged=() unchallenged=() dropped=()  # addresses

main() {
    make_files
    start_echo --config networks.toml
    start_capture

    is_dropped 127.4.0.1
    is_dropped 127.2.0.66  # by a rule before the rule of its network

    is_challenged 127.1.0.1 by_openssl certificate
    is_challenged 127.1.0.2 by_coap
    is_challenged 127.0.0.1 by_openssl psk  # in no rule's network

    is_not_challenged 127.2.0.1 by_openssl certificate
    is_not_challenged 127.2.0.2 by_coap
    is_not_challenged 127.2.0.67 by_openssl psk  # the rule that drops it comes after the rule of its network

    is_not_challenged 127.3.0.1 by_openssl psk
    is_not_challenged 127.3.0.2 by_coap
    is_challenged 127.3.0.3 by_openssl certificate  # the server's flight exceeds three times the hello

    wait_until 20 all_is_captured || fail "not all handshakes are on the wire" tshark.err server.err
    stop_capture
    stop_echo
    the_wire_agrees
    the_counters_agree
    echo "${#challenged[@]} challenged, ${#unchallenged[@]} admitted unproven, ${#dropped[@]} dropped: good"
}

make_files() {
    # With many names, so that the flight certainly exceeds three times the hello.
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext "subjectAltName=$(printf 'DNS:%s.of.many.example.org,' {1..40})DNS:localhost" \
        -keyout server.key -out server.pem 2>openssl.err || fail "no certificate" openssl.err
    echo "$psk_identity:$psk_key_hex" >psk.txt
    cat >networks.toml <<'TOML'
listen = ["127.0.0.1:0"]

[credentials]
certificate = "server.pem"
key = "server.key"
psk_file = "psk.txt"

[[cookies.rule]]
networks = ["127.2.0.66/32", "127.4.0.0/16"]
exchange = "drop"

[[cookies.rule]]
networks = ["127.1.0.0/16"]
exchange = "always"

[[cookies.rule]]
networks = ["127.2.0.0/16"]
exchange = "never"

[[cookies.rule]]
networks = ["127.2.0.67/32"]
exchange = "drop"

[[cookies.rule]]
networks = ["127.3.0.0/16"]
exchange = "adaptive"
TOML
}

by_openssl() {  # ADDRESS certificate|psk
    talk_with_openssl "$2" -bind "$1:0"
}

by_coap() {  # ADDRESS: by PSK
    timeout --kill-after=5 60 coap-client-gnutls -a "$1" -v 7 -B 30 -m get -u "$psk_identity" -k "$psk_key_ascii" \
        "coaps://127.0.0.1:$port/" >client.out 2>&1
    has_line 'session connected' client.out || fail "no handshake: CoAP from $1" client.out server.out server.err
}

is_challenged() {  # ADDRESS COMMAND [ARGUMENT...]
    "$2" "$1" "${@:3}"
    served+=("$1") challenged+=("$1")
}

is_not_challenged() {  # ADDRESS COMMAND [ARGUMENT...]
    "$2" "$1" "${@:3}"
    served+=("$1") unchallenged+=("$1")
}

# Waits until the client has sent its hello twice.
is_dropped() {  # ADDRESS
    openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -bind "$1:0" -timeout <<<"" >client.out 2>&1 &
    local client=$!
    started+=("$client")
    wait_until 60 said_hello_twice_or_has_ended "$1" "$client" || fail "$1 sends no second hello" client.out tshark.err
    ! has_ended "$client" || fail "$1 ended, so it got an answer" client.out server.out server.err
    kill -KILL "$client"
    wait "$client" 2>/dev/null  # so that bash prints no message
    dropped+=("$1")
}

said_hello_twice_or_has_ended() {  # ADDRESS PROCESS
    has_ended "$2" || (($(datagrams_with 1 from "$1") >= 2))
}

all_is_captured() {
    local address
    for address in "${served[@]}"; do (($(server_hellos "$address") > 0)) || return 1; done
}

server_hellos() { datagrams_with 2 to "$1"; }  # ADDRESS
challenges() { datagrams_with 3 to "$1"; }  # ADDRESS

the_wire_agrees() {
    local address
    for address in "${challenged[@]}"; do
        (($(challenges "$address") > 0)) || fail "$address got no HelloVerifyRequest" server.err
    done
    for address in "${unchallenged[@]}"; do
        (($(challenges "$address") == 0)) || fail "$address got a HelloVerifyRequest" server.err
    done
    for address in "${dropped[@]}"; do
        (($(datagrams_with any to "$address") == 0)) || fail "$address got an answer" server.err
    done
}

the_counters_agree() {
    expect_counter handshakes_completed ${#served[@]}
    expect_counter handshakes_failed 0
    expect_counter cookies_proven ${#challenged[@]}
    expect_counter admitted_unproven ${#unchallenged[@]}
    expect_counter flights_withheld 0
    expect_counter never_networks 1
    expect_at_least $((2 * ${#dropped[@]})) dropped.refused_by_policy
}

main
