# shellcheck shell=bash
# shellcheck disable=SC2154  # work, started: tests/program/lib.sh sets them
# Sourced by the example servers' tests here, after tests/program/lib.sh and program_clients.sh: a server started and
# stopped, the wire captured and read.

start_server() {  # COMMAND...: sets $server and $port; its output: server.out, server.err
    : >server.out  # which may have what an earlier one said
    "$@" >server.out 2>server.err &
    server=$!
    started+=("$server")
    wait_until 20 announced || fail "no 'listening on' within 20 s" server.out server.err
    port=${BASH_REMATCH[1]##*:}
}

stop_server() {  # SIGNAL
    kill -"$1" "$server"
    wait_until 20 ended "$server" || fail "SIG$1 does not end the server" server.err
    local status=0
    wait "$server" || status=$?
    ((status == 0)) || fail "the server ended with $status" server.err
}

ended() { [[ ! -d /proc/$1 || $(ps -o stat= -p "$1") == Z* ]]; }  # PROCESS

# What is captured goes into wire.txt as it comes, a line a datagram: where from, where to, and the types of the handshake
# messages in it, as 11,12,14. It is one tshark, which takes most of a second to start.
start_capture() {
    rm -f wire.*
    : >capture.err
    mkfifo wire.pcapng
    # On another address of 127/8 somebody else's client may have the same port.
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
        echo "SKIPPED: may not capture: $(tr '\n' ' ' <capture.err)"
        exit 77
    fi
    has_line '^File: ' capture.err
}

stop_capture() {
    kill -INT "$capture"
    wait "$capture" "$wire_reader"
}

datagrams_with() {  # TYPE|any [from|to ADDRESS]: how many datagrams with such a handshake message went over the wire
    awk -F'\t' -v type=",$1," -v where="${2:-}" -v address="${3:-}" '
        (type == ",any," || index("," $3 ",", type)) && (where == "" || (where == "from" ? $1 : $2) == address) { ++count }
        END { print count + 0 }' wire.txt
}

# Serves both clients under the eyes of tshark.
expect_cookie_exchange() {  # yes|no, SERVER COMMAND...
    start_server "${@:2}"
    start_capture
    : >client.out
    talk_with_openssl certificate
    : >client.out
    talk_with_gnutls-cli certificate
    # What the kernel still holds when dumpcap is told to stop is lost.
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
