#!/usr/bin/env bash
# forward_coap_test.sh QUIVIVE always|never: libcoap's clients, with GnuTLS and with OpenSSL, speak DTLS with `quivive
# forward`, which stands in front of libcoap's server without TLS. They get real CoAP answers, large ones in blocks, also with a
# hundred concurrent clients. Cookies are required from all, or from no client of 127/8 by a rule of a configuration file.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

cookies=$1
kinds=(gnutls openssl)
of_each=50
a_time='^[A-Z][a-z]{2} [0-9 ][0-9] [0-9:]{8}'  # the format of the server's /time
need_tools coap-server-notls coap-client-notls python3
for kind in "${kinds[@]}"; do need_tools "coap-client-$kind"; done

main() {
    start_coap_server
    start_forward
    for kind in "${kinds[@]}"; do real_answers_come_through; done
    a_hundred_clients_at_once
    stop_echo
    the_counters_agree
    kill -INT "$coap_server"
    wait "$coap_server"
    echo "libcoap over forward, cookies $cookies: good"
}

# The server does not accept port 0. So the test looks for a free port, and tries another one if that port was taken meanwhile.
start_coap_server() {
    local tries
    for ((tries = 0; tries < 5; ++tries)); do
        backend=$(python3 -c 'import socket
s = socket.socket(type=socket.SOCK_DGRAM); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        coap-server-notls -A 127.0.0.1 -p "$backend" -d 10 >coap-server.out 2>&1 &
        coap_server=$!
        started+=("$coap_server")
        wait_until 10 coap_server_answers_or_has_ended
        ! has_ended "$coap_server" && return
    done
    fail "the CoAP server does not start" coap-server.out
}

coap_server_answers_or_has_ended() {
    has_ended "$coap_server" || [[ -n $(coap-client-notls -B 1 -m get "coap://127.0.0.1:$backend/time" 2>/dev/null) ]]
}

start_forward() {
    local policy=()
    if [[ $cookies == never ]]; then
        printf '[[cookies.rule]]\nnetworks = ["127.0.0.0/8"]\nexchange = "never"\n' >never.toml
        policy=(--config never.toml)
    fi
    echo "$psk_identity:$psk_key_hex" >psk.txt
    start_server "$program" forward --listen 127.0.0.1:0 --to "127.0.0.1:$backend" --psk-file psk.txt "${policy[@]}"
}

coap() {  # KIND METHOD PATH [OPTION...]: writes the answer to client.out
    timeout --kill-after=5 60 "coap-client-$1" -v 5 -B 30 -u "$psk_identity" -k "$psk_key_ascii" -m "$2" "${@:4}" \
        "coaps://127.0.0.1:$port/$3" >client.out 2>client.err ||
        fail "$1, $2 $3: the client exited with $?" client.out client.err server.err coap-server.out
}

real_answers_come_through() {
    coap "$kind" get time
    has_line "$a_time" client.out || fail "$kind: the answer is not a time" client.out client.err

    coap "$kind" put example_data -e "by $kind"
    coap "$kind" get example_data
    [[ $(<client.out) == "by $kind" ]] || fail "$kind: GET does not return the text of PUT" client.out client.err

    # 20 000 bytes of text in blocks of 1024 (RFC 7959), which must come back unchanged.
    python3 -c 'import random; print(*(random.choices("abcdefgh", k=20_000)), sep="", end="")' >large
    coap "$kind" put example_data -b 1024 -f large
    coap "$kind" get example_data -o large.back
    cmp large large.back >cmp.out 2>&1 || fail "$kind: a large text comes back changed" cmp.out client.err
}

# Each client observes the time (RFC 7641) and so stays connected. Each has a socket to the back end, which the test counts.
# Each client has its own address: libcoap sets SO_REUSEADDR, with which Linux sometimes gives two sockets of one address the
# same port.
a_hundred_clients_at_once() {
    local kind i clients=()
    wait_until 20 has_sockets 0 || fail "sockets of closed clients are still open" server.err
    for ((i = 0; i < of_each; ++i)); do
        for kind in "${kinds[@]}"; do
            timeout --kill-after=5 120 "coap-client-$kind" -a "127.0.1.$((${#clients[@]} + 1))" -s 100 -B 110 \
                -u "$psk_identity" -k "$psk_key_ascii" -m get "coaps://127.0.0.1:$port/time" >"observer.$kind.$i" 2>&1 &
            clients+=("$!")
        done
    done
    started+=("${clients[@]}")

    wait_until 60 all_know_the_time || fail "$(observers_who_know | wc -l) of $((2 * of_each)) got an answer" server.err
    wait_until 5 has_sockets $((2 * of_each)) ||
        fail "$(sockets) sockets to the back end, with $((2 * of_each)) concurrent clients" server.err

    kill -INT "${clients[@]}"
    wait "${clients[@]}" || true
    wait_until 20 has_sockets 0 || fail "all clients are closed, but sockets to the back end are still open" server.err
}

sockets() {  # prints the number of sockets on this machine that are connected to the back end
    awk -v to="$(printf '0100007F:%04X' "$backend")" '$3 == to' /proc/net/udp | wc -l
}

has_sockets() { (($(sockets) == $1)); }  # HOW MANY

observers_who_know() { grep -lE "$a_time" observer.* 2>/dev/null; }

all_know_the_time() { (($(observers_who_know | wc -l) == 2 * of_each)); }

the_counters_agree() {
    local sessions=$((2 * of_each + 2 * 5))
    expect_counter handshakes_completed "$sessions"
    expect_counter handshakes_failed 0
    if [[ $cookies == always ]]; then
        expect_at_least "$sessions" cookies_proven
        expect_counter admitted_unproven 0
    else
        expect_counter admitted_unproven "$sessions"
        expect_counter cookies_proven 0
    fi
    expect_at_least "$sessions" forward_to_backend
    expect_at_least "$sessions" forward_to_client
    local never
    for never in too_large empty refused failed no_socket idle; do expect_counter "forward_$never" 0; done
}

main
