#!/usr/bin/env bash
# capture_test.sh QUIVIVE: lib.sh captures datagrams of the server at 127.0.0.1:$port only. It does not capture datagrams of a
# socket with the same port on another address of 127/8, which a client of another test may have.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
need_tools openssl tshark dumpcap python3

main() {
    make_certificate server
    start_echo --listen 127.0.0.1:0 --cert server.pem --key server.key --cookies never --trust-all-networks
    start_capture
    challenge_somebody_else
    talk_with_openssl certificate
    wait_until 20 has_server_hello || fail "no ServerHello on the wire" tshark.err
    stop_capture
    stop_echo
    (($(datagrams_with 3) == 0)) || fail "the capture contains the HelloVerifyRequest of another server"
    echo "the capture contains one server only: good"
}

# Sends a HelloVerifyRequest (RFC 6347 4.2.1) from another port of 127.0.0.1 to this server's port on another address.
challenge_somebody_else() {
    python3 -c 'import socket, sys
body = b"\xfe\xff\x04abcd"
message = b"\x03" + len(body).to_bytes(3, "big") + bytes(5) + len(body).to_bytes(3, "big") + body
record = b"\x16\xfe\xff" + bytes(8) + len(message).to_bytes(2, "big") + message
server, client = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
server.bind(("127.0.0.1", 0))
client.bind(("127.9.9.9", int(sys.argv[1])))
server.sendto(record, client.getsockname())
assert client.recv(100) == record' "$port" || fail "the other HelloVerifyRequest was not sent"
}

has_server_hello() { (($(datagrams_with 2) > 0)); }

main
