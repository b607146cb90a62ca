#!/usr/bin/env bash
# examples_test.sh QUIVIVE EXAMPLES_DIR: tests that each example behaves as examples/README.md states, with `quivive client`
# as its client.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
examples=$1
need_tools openssl python3

main() {
    echo_sends_back
    psk_greets_by_identity
    mutual_tls_knows_its_clients
    chat_tells_all_others
    forward_stands_before_plain_udp
}

# Starts an example, waits for its line and sets $address; its output: example.out.
start() {  # NAME ARGUMENT...
    local name=$1
    shift
    rm -f example.out
    "$examples/$name" 127.0.0.1:0 "$@" >example.out 2>&1 &
    example=$!
    started+=("$example")
    wait_until 20 has_line '^listening on ' example.out || fail "$name does not listen" example.out
    address=$(sed -n 's/^listening on //p' example.out)
}

stop() {
    kill "$example"
    wait "$example" 2>/dev/null || true  # the signal ends it, so the status is not 0
}

# Sends one line to the example and expects ANSWER.
expect() {  # ANSWER ARGUMENT...
    local answer=$1
    shift
    echo hello | timeout 60 "$program" client "$address" "$@" >client.out 2>client.err ||
        fail "the client ended with $?" client.err example.out
    [[ $(<client.out) == "$answer" ]] || fail "the client printed another answer than '$answer'" client.out example.out
}

refuses() {
    ! echo hello | timeout 60 "$program" client "$address" --timeout 1.5 "$@" >client.out 2>client.err ||
        fail "the example accepted a client that it should refuse: $*" client.out example.out
}

echo_sends_back() {
    start echo
    expect hello --pin "$(sed -n 's/^pin //p' example.out)"
    stop
}

psk_greets_by_identity() {
    start psk
    expect 'welcome, sensor-8' --psk sensor-8:66656463626139383736353433323130
    refuses --psk sensor-9:66656463626139383736353433323130
    stop
}

mutual_tls_knows_its_clients() {
    make_certificate server
    make_certificate alice alice
    make_certificate mallory mallory
    start mutual_tls server.pem server.key alice.pem
    expect 'you are CN=alice' --ca server.pem --server-name localhost --cert alice.pem --key alice.key
    has_line ' is CN=alice$' example.out || fail "the example does not print the client's name" example.out
    refuses --ca server.pem --server-name localhost
    refuses --ca server.pem --server-name localhost --cert mallory.pem --key mallory.key
    stop
}

chat_tells_all_others() {
    start chat
    mkfifo listener speaker
    timeout 60 "$program" client "$address" --insecure <listener >listener.out 2>&1 &
    started+=("$!")
    exec 3>listener
    wait_until 20 has_line ' joined$' example.out || fail "the listener did not join" listener.out example.out
    timeout 60 "$program" client "$address" --insecure <speaker >speaker.out 2>&1 &
    started+=("$!")
    exec 4>speaker
    wait_until 20 has_line '^127\.0\.0\.1:[0-9]+: joined$' listener.out ||
        fail "the listener received no notice that the speaker joined" listener.out speaker.out example.out
    echo 'good morning' >&4
    wait_until 20 has_line ': good morning$' listener.out ||
        fail "the listener did not receive the message" listener.out speaker.out example.out
    ! has_line 'good morning' speaker.out || fail "the speaker receives its own message" speaker.out
    exec 3>&- 4>&-
    wait_until 20 left_both || fail "the server did not report that both clients left" example.out
    stop
}

# A service that answers in capitals, and with the number of ports that have sent to it.
forward_stands_before_plain_udp() {
    python3 -u -c 'import socket
service, ports = socket.socket(type=socket.SOCK_DGRAM), set()
service.bind(("127.0.0.1", 0))
print(service.getsockname()[1])
while True:
    message, client = service.recvfrom(2048)
    ports.add(client)
    service.sendto(message.upper() + b" %d" % len(ports), client)' >service.out &
    local service=$!
    started+=("$service")
    wait_until 20 has_line '^[0-9]+$' service.out || fail "the plain UDP service did not start" service.out
    start forward "127.0.0.1:$(<service.out)"
    expect 'HELLO 1' --insecure
    expect 'HELLO 2' --insecure
    stop
    kill "$service"
    wait "$service" 2>/dev/null || true
}

left_both() { [[ $(grep -c ' left: ' example.out) == 2 ]]; }

main
