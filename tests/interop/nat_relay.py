#!/usr/bin/env python3
"""A NAT between one DTLS client and 127.0.0.1:PORT, with an attacker on the path: nat_relay.py PORT.

Reads commands from stdin, one a line, and confirms each on stdout. "Elsewhere" is a third address, the attacker's:
  move     forwards the client's datagrams from another address and port from now on; drops the former ones
  copy     sends the client's last datagram once more, from elsewhere
  hold     holds the client's next datagram back
  release  sends the held datagram, from elsewhere
  race     holds the client's next datagram back, and sends a copy of it from elsewhere at once
  original sends the held datagram from the client's address
Prints the address where it listens, and "stray" for each datagram sent to elsewhere. Ends by itself after two minutes.
"""

import os
import select
import socket
import sys
import time

LOOPBACK = "127.0.0.1"


def say(text):
    print(text, flush=True)


def open_socket(address, peer=None):
    opened = socket.socket(type=socket.SOCK_DGRAM)
    opened.bind((address, 0))
    if peer:
        opened.connect(peer)
    return opened


class Nat:
    def __init__(self, port):
        self.server = (LOOPBACK, port)
        self.inside = open_socket(LOOPBACK)
        self.moves = 0
        self.outside = open_socket("127.0.7.1", self.server)
        self.elsewhere = open_socket("127.0.9.1", self.server)
        self.client = self.last = self.held = self.raced = None
        self.wanted = False
        self.holding = self.racing = False

    def obey(self, command):
        if command == "move":
            self.move()
        elif command == "copy":
            self.elsewhere.send(self.last)
            say("copied")
        elif command == "hold":
            self.holding = True
            say("holding")
        elif command == "release":
            self.elsewhere.send(self.held)
            say("released")
        elif command == "race":
            self.racing = True
            say("racing")
        elif command == "original":
            self.wanted = True
            self.send_original()

    def move(self):
        self.moves += 1
        self.outside.close()
        self.outside = open_socket(f"127.0.7.{1 + self.moves % 200}", self.server)
        say(f"moved {self.moves}")

    def outwards(self):
        datagram, self.client = self.inside.recvfrom(65536)
        if self.holding:
            self.holding, self.held = False, datagram
            say("held")
            return
        if self.racing:
            self.racing, self.raced = False, datagram
            self.elsewhere.send(datagram)
            self.send_original()
            return
        self.last = datagram
        self.outside.send(datagram)

    def send_original(self):
        if self.wanted and self.raced:
            self.outside.send(self.raced)
            self.wanted, self.raced = False, None
            say("sent")

    def inwards(self):
        datagram = self.outside.recv(65536)
        self.inside.sendto(datagram, self.client)

    def stray(self):
        self.elsewhere.recv(65536)
        say("stray")

    def serve(self, seconds):
        say(f"listening on {LOOPBACK}:{self.inside.getsockname()[1]}")
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            ways = {self.inside: self.outwards, self.outside: self.inwards, self.elsewhere: self.stray}
            ready, _, _ = select.select([sys.stdin, *ways], [], [], rest)
            for each in ready:
                try:
                    if each is not sys.stdin:
                        ways[each]()
                except ConnectionRefusedError:
                    pass  # the server is not running
            if sys.stdin in ready:
                commands = os.read(sys.stdin.fileno(), 4096).decode()
                if not commands:
                    return
                for command in commands.split():
                    self.obey(command)


if __name__ == "__main__":
    Nat(int(sys.argv[1])).serve(120)
