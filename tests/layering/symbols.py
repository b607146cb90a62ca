#!/usr/bin/env python3
"""Checks that the deciding layers use no clock, socket, thread or source of randomness of the system:
symbols.py NM OBJECTS, where OBJECTS lists the library's object files, one a line."""

import re
import subprocess
import sys
from pathlib import Path

DECIDING_LAYERS = ("wire", "record", "tls", "gate", "session", "dispatch", "observe", "config")

FORBIDDEN = {
    "clock": r"time|clock|times|gettimeofday|clock_gettime|timespec_get|ftime|"
             r"_ZNSt6chrono3_V21[0-9](?:steady|system)_clock3nowEv",
    "sleep": r"sleep|usleep|nanosleep|clock_nanosleep",
    "socket": r"socket|socketpair|bind|connect|listen|accept4?|shutdown|getaddrinfo|[gs]etsockopt|getsockname|"
              r"send|sendto|sendm?msg|recv|recvfrom|recvm?msg|p?poll|p?select|epoll_\w+|io_uring_\w+",
    "randomness": r"getrandom|getentropy|s?random|s?rand|rand_r|[ejlmn]rand48|arc4random\w*|_ZNSt13random_device\w+",
    "thread": r"pthread_create|thrd_create|_ZNSt6thread15_M_start_thread\w+",
}

# (source file, symbol) -> the reason for the exception.
ALLOWED = {
    ("tls/self_signed.cpp", "_ZNSt6chrono3_V212system_clock3nowEv"):
        "a certificate is generated during configuration, and its validity begins at that time",
    ("tls/certificate_files.cpp", "_ZNSt6chrono3_V212system_clock3nowEv"):
        "configuration refuses an expired certificate",
}

KINDS = {kind: re.compile(f"(?:{names})") for kind, names in FORBIDDEN.items()}


def plain(symbol):
    """Removes the version, and the affixes that _FORTIFY_SOURCE adds: __poll_chk is poll."""
    symbol = symbol.split("@")[0]
    return re.sub(r"^__(\w+)_chk$", r"\1", symbol)


def kind_of(symbol):
    return next((kind for kind, names in KINDS.items() if names.fullmatch(symbol)), None)


def undefined_symbols(nm, path):
    listing = subprocess.run([nm, "--undefined-only", "--format=posix", path], check=True, text=True,
                             capture_output=True).stdout
    return {plain(line.split()[0]) for line in listing.splitlines() if line.strip()}


def source_of(path):
    """quivive.dir/wire/record.cpp.o -> wire/record.cpp; quivive.dir/Unity/unity_wire_0_cxx.cxx.o -> wire/, since a unity
    build object does not name its source files."""
    many = re.fullmatch(r"unity_([a-z]+)_\d+_cxx\.cxx\.o", path.name)
    return f"{many[1]}/" if many else f"{path.parent.name}/{path.name}".removesuffix(".o")


def layer_of(path):
    return source_of(path).split("/")[0]


def allowed(source, symbol):
    return [each for each in ALLOWED if each[0].startswith(source) and each[1] == symbol]


def check(nm, paths):
    objects = [(source_of(path), path) for path in paths if layer_of(path) in DECIDING_LAYERS]
    breaches, used = [], set()
    for source, path in sorted(objects):
        for symbol in sorted(undefined_symbols(nm, path)):
            kind = kind_of(symbol)
            if kind and allowed(source, symbol):
                used.update(allowed(source, symbol))
            elif kind:
                breaches.append(f"src/{source}: uses {symbol} ({kind}); the server layer must pass it in")
    breaches += [f"src/{source}: no longer uses {symbol}: remove it from ALLOWED"
                 for source, symbol in ALLOWED
                 if any(source.startswith(each) for each, path in objects) and (source, symbol) not in used]
    return len(objects), breaches


def main():
    nm, listing = sys.argv[1:]
    count, breaches = check(nm, [Path(line) for line in Path(listing).read_text().split("\n") if line])
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{count} objects, {len(breaches)} breaches")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
