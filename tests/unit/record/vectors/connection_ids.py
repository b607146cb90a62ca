"""Prints connection_ids.txt: records with connection ids, made from the text of RFC 9146. README.md says how to run it.

It shares no code with quivive or any other implementation of DTLS. The ciphers are those of OpenSSL's libcrypto.
"""

import hashlib

from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

TLS12_CID = 25
ALERT, HANDSHAKE, APPLICATION_DATA, RETURN_ROUTABILITY_CHECK = 21, 22, 23, 27
NO_TYPE = 0  # inner plaintext of zeros only
VERSION = bytes.fromhex("fefd")


class Cipher:
    def __init__(self, name, key_size, make, in_record):
        self.name, self.make, self.in_record = name, make, in_record
        self.key = made_up(name + " key", key_size)
        self.iv = made_up(name + " iv", 4 if in_record else 12)

    def nonce(self, number, explicit):
        if self.in_record:  # RFC 5288 3, RFC 6655 3: salt, nonce_explicit
            return self.iv + explicit
        padded = bytes(4) + number  # RFC 7905 2
        return bytes(a ^ b for a, b in zip(self.iv, padded, strict=True))


def made_up(label, size):
    return hashlib.sha256(label.encode()).digest()[:size]


def ciphers():
    for bits in (128, 256):
        yield Cipher(f"AES-{bits}-GCM", bits // 8, AESGCM, True)
        yield Cipher(f"AES-{bits}-CCM", bits // 8, AESCCM, True)
        yield Cipher(f"AES-{bits}-CCM-8", bits // 8, lambda key: AESCCM(key, tag_length=8), True)
    yield Cipher("CHACHA20-POLY1305", 32, ChaCha20Poly1305, False)


def inner_form(content, real_type, zeros):
    """RFC 9146 4: struct { opaque content; ContentType real_type; uint8 zeros[length_of_padding]; }"""
    return content + bytes([real_type]) + bytes(zeros)


def additional_data(cid, number, inner):
    """Returns the additional data of RFC 9146 5.3, field by field."""
    return b"".join(
        (
            b"\xff" * 8,  # seq_num_placeholder
            bytes([TLS12_CID]),
            bytes([len(cid)]),  # cid_length
            bytes([TLS12_CID]),
            VERSION,
            number,  # epoch and sequence_number
            cid,
            len(inner).to_bytes(2, "big"),  # length_of_DTLSInnerPlaintext
        )
    )


def sealed(cipher, cid, number, inner, explicit):
    """RFC 9146 4: tls12_cid, version, epoch, sequence_number, cid, length, enc_content."""
    text = cipher.make(cipher.key).encrypt(
        cipher.nonce(number, explicit), inner, additional_data(cid, number, inner)
    )
    content = (explicit if cipher.in_record else b"") + text
    return bytes([TLS12_CID]) + VERSION + number + cid + len(content).to_bytes(2, "big") + content


def contents():
    """Yields the contents of the records: real type, content, number of padding zeros."""
    stranger = b"said by a stranger"
    close_notify = bytes([1, 0])
    header = bytes.fromhex("0003 000000")  # message_seq, fragment_offset
    finished = bytes.fromhex("14 00000c") + header + bytes.fromhex("00000c") + made_up("verify_data", 12)
    hello_request = bytes(4) + header + bytes(3)  # ends with zeros that are not padding
    path_challenge = bytes([0]) + made_up("cookie", 8)  # RFC 9853 4

    for zeros in (0, 1, 16, 100):
        yield APPLICATION_DATA, stranger, zeros
        yield APPLICATION_DATA, b"", zeros
        yield ALERT, close_notify, zeros
        yield HANDSHAKE, finished, zeros
        yield RETURN_ROUTABILITY_CHECK, path_challenge, zeros
        yield NO_TYPE, b"", zeros
    yield HANDSHAKE, hello_request, 0
    yield HANDSHAKE, hello_request, 1
    yield APPLICATION_DATA, b"zeros" + bytes(3), 0
    yield APPLICATION_DATA, b"zeros" + bytes(3), 16


def print_records(cipher, cid, chosen, first):
    print(f"\nby RFC 9146\ncipher {cipher.name}\nkey {cipher.key.hex()}\niv {cipher.iv.hex()}\nid {cid.hex()}")
    for sequence, (real_type, content, zeros, nonce) in enumerate(chosen, first):
        number = (1 << 48 | sequence).to_bytes(8, "big")
        record = sealed(cipher, cid, number, inner_form(content, real_type, zeros), nonce or number)
        print(f"\nnumber {number.hex()}\ntype {real_type}\nplaintext {content.hex() or '-'}\npadding {zeros}")
        print(f"record {record.hex()}")


def main():
    print("# Records with connection ids, made by hand from RFC 9146. README.md says how they were made.")
    for cipher in ciphers():
        everything = [(*each, None) for each in contents()]
        if cipher.in_record:  # RFC 5288 3: any nonce is allowed that is not used twice
            everything.append((APPLICATION_DATA, b"another nonce", 0, made_up("another nonce", 8)))
        print_records(cipher, made_up("id of eight", 8), everything, 1)
        few = [(*each, None) for each in contents() if each[0] in (ALERT, APPLICATION_DATA) and each[2] in (0, 16)]
        print_records(cipher, made_up("id of one", 1), few, 0xA1B2C3D4E5F6)
        print_records(cipher, made_up("id of twenty", 20), few, (1 << 48) - 100)


main()
