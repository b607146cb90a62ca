# shellcheck shell=bash
# shellcheck disable=SC2154  # work, started: tests/program/lib.sh sets them
# Sourced by the tests of the example servers, after tests/program/lib.sh and program_clients.sh: starts and stops a server,
# captures and reads its datagrams.

start_server() {  # COMMAND...: sets $server and $port; writes the output to server.out and server.err
    : >server.out  # may have the output of an earlier server
    "$@" >server.out 2>server.err &
    server=$!
    started+=("$server")
    wait_until 20 announced || fail "no 'listening on' within 20 s" server.out server.err
    port=${BASH_REMATCH[1]##*:}
}

stop_server() {  # SIGNAL
    kill -"$1" "$server"
    wait_until 20 ended "$server" || fail "the server did not end within 20 s of SIG$1" server.err
    local status=0
    wait "$server" || status=$?
    ((status == 0)) || fail "the server ended with $status" server.err
}

ended() { [[ ! -d /proc/$1 || $(ps -o stat= -p "$1") == Z* ]]; }  # PROCESS

# Captures into wire.txt, one line for each datagram: source, destination, and the types of its handshake messages, as
# 11,12,14. One tshark reads all of them, since tshark takes most of a second to start.
start_capture() {
    rm -f wire.*
    : >capture.err
    mkfifo wire.pcapng
    # On another address of 127/8, a client of another test may have the same port.
    local ours="udp and ((src host 127.0.0.1 and src port $port) or (dst host 127.0.0.1 and dst port $port))"
    dumpcap -q -i lo -f "$ours" -w - >wire.pcapng 2>capture.err &
    capture=$!
    tshark -l -r - -d "udp.port==$port,dtls" -T fields -e ip.src -e ip.dst -e dtls.handshake.type \
        <wire.pcapng >wire.txt 2>tshark.err &
    wire_reader=$!
    started+=("$capture" "$wire_reader")
    wait_until 20 capturing || fail "the capture did not begin" capture.err
}

capturing() {
    if ! kill -0 "$capture" 2>/dev/null; then
        echo "SKIPPED: no permission to capture: $(tr '\n' ' ' <capture.err)"
        exit 77
    fi
    has_line '^File: ' capture.err
}

stop_capture() {
    kill -INT "$capture"
    wait "$capture" "$wire_reader"
}

datagrams_with() {  # TYPE|any [from|to ADDRESS]: prints the number of captured datagrams with such a handshake message
    awk -F'\t' -v type=",$1," -v where="${2:-}" -v address="${3:-}" '
        (type == ",any," || index("," $3 ",", type)) && (where == "" || (where == "from" ? $1 : $2) == address) { ++count }
        END { print count + 0 }' wire.txt
}

# Serves both clients while tshark captures.
expect_cookie_exchange() {  # yes|no, SERVER COMMAND...
    start_server "${@:2}"
    start_capture
    : >client.out
    talk_with_openssl certificate
    : >client.out
    talk_with_gnutls-cli certificate
    # Datagrams that are still in the kernel when dumpcap stops are lost.
    wait_until 20 two_server_hellos || fail "$(datagrams_with 2) ServerHellos on the wire" tshark.err
    stop_capture
    stop_server INT

    local verifies
    verifies=$(datagrams_with 3)
    if [[ $1 == yes ]]; then
        ((verifies >= 2)) || fail "$verifies HelloVerifyRequests on the wire (RFC 6347 4.2.1)" tshark.err
    else
        ((verifies == 0)) || fail "$verifies HelloVerifyRequests on the wire of a server without cookies"
    fi
}

two_server_hellos() { (($(datagrams_with 2) >= 2)); }
