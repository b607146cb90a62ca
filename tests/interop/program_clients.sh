# shellcheck shell=bash
# shellcheck disable=SC2154  # port: start_echo sets it
# Sourced by the program_*_test.sh here, after tests/program/lib.sh. Runs each client: it performs a handshake with
# 127.0.0.1:$port, whose certificate is server.pem, sends a line and waits for its echo. The client's output is in client.out.

psk_identity=Client_identity
psk_key_ascii=0123456789abcdef
psk_key_hex=30313233343536373839616263646566
said="said by a stranger"

talk_with_openssl() {  # certificate|psk [OPTION...]
    local by=(-CAfile server.pem -verify_return_error)
    [[ $1 == certificate ]] || by=(-psk_identity "$psk_identity" -psk "$psk_key_hex" -cipher PSK-AES128-GCM-SHA256)
    # Without -timeout it never retransmits.
    talk '^Verify return code|^    Verify return code' openssl s_client -dtls1_2 -connect "127.0.0.1:$port" -timeout \
        "${by[@]}" "${@:2}"
}

talk_with_gnutls-cli() {  # certificate|psk [PRIORITY]
    local by=(--x509cafile server.pem --verify-hostname localhost --priority "${2:-NORMAL}")
    [[ $1 == certificate ]] ||
        by=(--pskusername "$psk_identity" --pskkey "$psk_key_hex" --priority "${2:-NORMAL:-KX-ALL:+PSK}")
    talk 'Handshake was completed' gnutls-cli --udp --port "$port" "${by[@]}" 127.0.0.1
}

# The input is a pipe that stays open until the echo arrives, since these clients exit at the end of their input.
talk() {  # PATTERN WHEN CONNECTED, COMMAND...
    local connected=$1
    shift
    rm -f input client.out
    mkfifo input
    run_client "$@" <input >client.out 2>&1 &
    local pid=$!
    started+=("$pid")
    exec 3>input
    wait_until 30 has_line "$connected" client.out || fail "no handshake: $*" client.out server.out server.err
    echo "$said" >&3
    wait_until 20 has_line "^$said" client.out ||
        fail "the bytes did not come back: $*" client.out server.out server.err
    exec 3>&-
    wait "$pid" || true  # the exit status at the end of the session differs between clients
}

talk_with_coap-client-gnutls() { talk_coap coap-client-gnutls "$1"; }
talk_with_coap-client-openssl() { talk_coap coap-client-openssl "$1"; }

# The echo server sends the client's own request back, which is no CoAP response. The client's log shows its arrival.
talk_coap() {  # PROGRAM certificate|psk
    local by=(-u "$psk_identity" -k "$psk_key_ascii")
    [[ $2 == psk ]] || by=(-n)
    timeout --kill-after=5 60 "$1" -v 7 -B 3 -m get "${by[@]}" "coaps://127.0.0.1:$port/" >client.out 2>&1
    has_line 'session connected' client.out || fail "no handshake: $1" client.out server.out server.err
}
