#!/usr/bin/env python3
"""Checks that each function of GnuTLS that the library calls either is made to fail by the fault tests, or is in the
list of those that need not be, with a reason: gnutls_list.py NM OBJECTS CALLS EXEMPT. OBJECTS lists the library's object
files, one a line; CALLS is gnutls_calls.cpp."""

import re
import subprocess
import sys
from pathlib import Path


def called(nm, paths):
    listing = subprocess.run([nm, "--undefined-only", "--format=posix", *paths], check=True, text=True,
                             capture_output=True).stdout
    return set(re.findall(r"^(gnutls_\w+)", listing, re.MULTILINE))


def exempt(text):
    """name -> why"""
    lines = (line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#"))
    return {words[0]: words[1] if len(words) > 1 else "" for words in lines}


def check(used, failing, reasons):
    breaches = [f"{name}: the library calls it; make it fail in gnutls_calls.cpp, or give a reason in gnutls_exempt.txt"
                for name in sorted(used - failing - reasons.keys())]
    breaches += [f"{name}: is not called; remove it from gnutls_calls.cpp" for name in sorted(failing - used)]
    breaches += [f"{name}: is not called; remove it from gnutls_exempt.txt" for name in sorted(reasons.keys() - used)]
    breaches += [f"{name}: both made to fail and exempt" for name in sorted(reasons.keys() & failing)]
    breaches += [f"{name}: exempt without a reason" for name, why in sorted(reasons.items()) if not why]
    return breaches


def main():
    nm, objects, calls, exemptions = sys.argv[1:]
    paths = [line for line in Path(objects).read_text().split("\n") if line.endswith(".o")]  # no precompiled header
    used = called(nm, paths)
    failing = set(re.findall(r"^FAULTY\((\w+)", Path(calls).read_text(), re.MULTILINE))
    breaches = check(used, failing, exempt(Path(exemptions).read_text()))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{len(used)} functions of GnuTLS, {len(failing)} are made to fail, {len(breaches)} breaches")
    return 1 if breaches or not used else 0


if __name__ == "__main__":
    sys.exit(main())
