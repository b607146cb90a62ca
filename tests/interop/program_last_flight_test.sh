#!/usr/bin/env bash
# program_last_flight_test.sh QUIVIVE openssl|gnutls-cli detached|attached: the datagram with the server's
# ChangeCipherSpec and Finished is lost. The client retransmits its own last flight once, gets the server's last flight again
# (RFC 6347 4.2.4), and the session works.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"

client=$1 layer=$2
need_tools openssl python3 "$client"

main() {
    make_certificate server
    echo "$psk_identity:$psk_key_hex" >psk.txt
    # Only the client's timer retransmits, even if the client answers slowly.
    printf '[limits]\nretransmit_first = "20s"\n' >server.toml
    local proof
    for proof in certificate psk; do the_flight_comes_again "$proof"; done
}

the_flight_comes_again() {  # certificate|psk
    start_echo --config server.toml --listen 127.0.0.1:0 --cert server.pem --key server.key --psk-file psk.txt \
        --trace --record-layer "$layer"
    start_relay
    "talk_with_$client" "$1"
    wait_until 20 has_line ' closed: End of file$' server.out || fail "no close_notify" client.out server.out
    kill "$relay"
    wait "$relay"
    stop_echo

    local way
    way=$(grep -v '^listening' relay.out | tr '\n' ',')
    [[ $way == "client: passed,server: lost,client: passed,server: passed," ]] ||
        fail "expected one retransmission by the client, got: $way" relay.out server.out
    expect_counter flights_repeated 1
    expect_counter handshakes_completed 1
    expect_counter messages_received 1
    expect_counter messages_sent 1
    expect_counter sessions_closed 1
    expect_counter sessions_idled_out 0
    echo "$client, by $1, $layer: good"
}

# Sets $port, to which the clients connect, to the relay's port.
start_relay() {
    rm -f relay.out relay.err
    python3 -B "$here/lossy_relay.py" "$port" >relay.out 2>relay.err &
    relay=$!
    started+=("$relay")
    wait_until 20 has_line '^listening on ' relay.out || fail "the relay does not listen" relay.err
    port=$(sed -n 's/^listening on .*://p' relay.out)
}

main
