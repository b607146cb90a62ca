#!/usr/bin/env python3
"""Sends one ClientHello to 127.0.0.1: shared_secret_client.py SERVER_PORT OWN_PORT [COOKIE]. The hello is the same each
time except for the cookie, so that another process can accept the cookie of the first (RFC 6347 4.2.1). Prints the
result: `challenged COOKIE` for a HelloVerifyRequest, `served` for a ServerHello, `silent` for no answer."""

import socket
import struct
import sys

PATIENCE, TRIES = 2, 5  # seconds; a hello may be lost, or arrive before the server may retransmit its answer

HANDSHAKE = 22
CLIENT_HELLO, SERVER_HELLO, HELLO_VERIFY_REQUEST = 1, 2, 3
DTLS_1_0, DTLS_1_2 = 0xFEFF, 0xFEFD
RECORD_HEADER, HANDSHAKE_HEADER = 13, 12

SUITES = (0xC02B, 0xC02F)  # ECDHE with ECDSA or RSA, AES-128-GCM
EXTENSIONS = {
    10: (0x0017,),                  # supported_groups: secp256r1
    13: (0x0403, 0x0804, 0x0401),   # signature_algorithms: ECDSA, RSA-PSS, RSA, with SHA-256
}


def vector(width, content):
    """Prepends the length of the content in `width` bytes (RFC 5246 4.3)."""
    return len(content).to_bytes(width, "big") + content


def numbers(values):
    return vector(2, b"".join(struct.pack("!H", value) for value in values))


def client_hello(cookie):
    """Returns a record with one whole ClientHello (RFC 6347 4.2.2). The second hello has message_seq 1."""
    extensions = b"".join(struct.pack("!H", kind) + vector(2, numbers(values)) for kind, values in EXTENSIONS.items())
    body = (struct.pack("!H", DTLS_1_2) + bytes(range(32)) + vector(1, b"") + vector(1, cookie) + numbers(SUITES) +
            vector(1, b"\0") + vector(2, extensions))
    number = 1 if cookie else 0
    size = len(body).to_bytes(3, "big")
    message = struct.pack("!B3sH3s3s", CLIENT_HELLO, size, number, b"\0\0\0", size) + body
    return struct.pack("!BHHIHH", HANDSHAKE, DTLS_1_0, 0, 0, number, len(message)) + message


def meaning(datagram):
    if len(datagram) <= RECORD_HEADER + HANDSHAKE_HEADER or datagram[0] != HANDSHAKE:
        return f"strange {datagram.hex()}"
    kind, body = datagram[RECORD_HEADER], datagram[RECORD_HEADER + HANDSHAKE_HEADER:]
    if kind == HELLO_VERIFY_REQUEST:
        return f"challenged {body[3:3 + body[2]].hex()}"
    return "served" if kind == SERVER_HELLO else f"strange {datagram.hex()}"


def main():
    server_port, own_port, *cookie = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(PATIENCE)
        client.bind(("127.0.0.1", int(own_port)))
        client.connect(("127.0.0.1", int(server_port)))
        for _ in range(TRIES):
            client.send(client_hello(bytes.fromhex("".join(cookie))))
            try:
                print(meaning(client.recv(65536)))
                return
            except TimeoutError:  # a socket raises it since Python 3.10
                pass
        print("silent")


if __name__ == "__main__":
    main()
