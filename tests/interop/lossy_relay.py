#!/usr/bin/env python3
"""A relay between one DTLS client and 127.0.0.1:PORT that drops the server's last flight once: lossy_relay.py PORT.

Drops the server's first datagram with a ChangeCipherSpec and forwards everything else, both ways. Prints the address
where it listens and, for each ChangeCipherSpec, its sender and whether it was forwarded. Ends by itself after a minute.
"""

import select
import socket
import sys
import time

LOOPBACK = "127.0.0.1"
CHANGE_CIPHER_SPEC = 20


def has_change_cipher_spec(datagram):
    """Walks the records (RFC 6347 4.1: type, version, epoch and sequence number, length)."""
    while len(datagram) >= 13:
        if datagram[0] == CHANGE_CIPHER_SPEC:
            return True
        datagram = datagram[13 + int.from_bytes(datagram[11:13], "big"):]
    return False


def say(text):
    print(text, flush=True)


def main():
    to_clients = socket.socket(type=socket.SOCK_DGRAM)
    to_clients.bind((LOOPBACK, 0))
    to_server = socket.socket(type=socket.SOCK_DGRAM)
    to_server.connect((LOOPBACK, int(sys.argv[1])))
    say(f"listening on {LOOPBACK}:{to_clients.getsockname()[1]}")

    client, lost = None, False
    end = time.monotonic() + 60
    while (rest := end - time.monotonic()) > 0:
        ready, _, _ = select.select([to_clients, to_server], [], [], rest)
        if to_clients in ready:
            datagram, client = to_clients.recvfrom(65536)
            if has_change_cipher_spec(datagram):
                say("client: passed")
            to_server.send(datagram)
        if to_server in ready:
            datagram = to_server.recv(65536)
            if has_change_cipher_spec(datagram):
                say("server: passed" if lost else "server: lost")
                if not lost:
                    lost = True
                    continue
            to_clients.sendto(datagram, client)


if __name__ == "__main__":
    main()
