#!/usr/bin/env bash
# program_size_limit_test.sh QUIVIVE openssl|gnutls-cli detached|attached: a client of `quivive forward` accepts at most 512
# bytes in one record (openssl by RFC 6066 4, gnutls-cli by RFC 8449 4). An answer of 512 bytes arrives. A larger answer is
# dropped, counted and logged. The same holds after a restart.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

client=$1 layer=$2
need_tools openssl "$client" python3

host=127.0.5.$((1 + RANDOM % 250))  # no other test gets the port on this address while the server is down
answers=0                           # number of answers expected so far

main() {
    make_certificate server
    start_backend
    start_forward "$host:0"
    stop_server TERM
    start_forward "$address"  # the address names the folder with the state, so it must be known first
    start_client
    answer_of_512_arrives
    larger_answers_do_not
    if [[ $layer == detached ]]; then
        restart
        answer_of_512_arrives
        larger_answers_do_not
    fi
    exec 3>&-
    wait "$client_process" || true  # the exit status at the end of the session differs between clients
    stop_server TERM
    the_counters_agree
    echo "$client, $layer: good"
}

# Answers each number with that many bytes; the last byte is a newline. A client may send two lines in one message.
start_backend() {
    python3 -B -c 'import socket, threading
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
def answer():
    while True:
        request, client = s.recvfrom(65536)
        for size in request.split():
            s.sendto(b"x" * (int(size) - 1) + b"\n", client)
threading.Thread(target=answer, daemon=True).start()
threading.Event().wait(120)' >backend.out 2>&1 &
    started+=($!)
    wait_until 20 has_line '^[0-9]+$' backend.out || fail "the back end does not listen" backend.out
    backend=$(<backend.out)
}

start_forward() {  # ADDRESS:PORT
    start_server "$program" forward --listen "$1" --to "127.0.0.1:$backend" --cert server.pem --key server.key \
        --record-layer "$layer" --state state 3>&-
    address=$host:$port
}

start_client() {
    local by=(openssl s_client -dtls1_2 -connect "$address" -timeout -CAfile server.pem -maxfraglen 512 -tlsextdebug)
    local agreed='^TLS server extension "max fragment length" \(id=1\), len=1$'
    if [[ $client == gnutls-cli ]]; then
        by=(gnutls-cli --udp --port "$port" --x509cafile server.pem --verify-hostname localhost --recordsize 512 "$host")
        agreed='^- Handshake was completed$'
    fi
    mkfifo input
    run_client "${by[@]}" <input >client.out 2>&1 3>&- &
    client_process=$!
    started+=("$client_process")
    exec 3>input
    wait_until 30 has_line "$agreed" client.out || fail "no record size limit was negotiated" client.out server.err
}

answer_of_512_arrives() {
    echo 512 >&3
    ((++answers))
    wait_until 20 has_arrived || fail "the answer of 512 bytes did not arrive" client.out server.err
}

has_arrived() { (($(grep -cE '^x{511}$' client.out) == answers)); }

# Larger answers do not delay later ones.
larger_answers_do_not() {
    echo 513 >&3
    logged "warning: .*is larger than the 512 bytes that its session takes, and was dropped"
    echo 1300 >&3
    answer_of_512_arrives
    ! has_line '^x{512}' client.out || fail "more than 512 bytes arrived" client.out
}

restart() {
    stop_server TERM
    expect_counter forward_too_large 2
    expect_counter sessions_exported 1
    start_forward "$address"
    has_line '^took over 1 sessions$' server.out || fail "the session was not imported" server.out server.err
}

the_counters_agree() {
    expect_counter forward_too_large 2
    expect_counter forward_to_client 2
    counters_balance
}

main
