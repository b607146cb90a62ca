#!/usr/bin/env python3
"""Checks that hash tables cannot be filled with keys that collide: hashes.py ROOT.

Peers choose their addresses. If the hash of a table has no key, or a publicly known key, they can compute in seconds
which addresses share a bucket. So each unordered container of src/ and include/ uses a keyed hash, or the list below
gives the reason why no peer chooses its keys. No hash key is a constant in the source.
"""

import re
import sys
from pathlib import Path

KEYED = {"peer_hash", "source_id_hash", "id_hash"}

# By file and hash.
NOT_CHOSEN_BY_PEERS = {
    ("src/dispatch/id_table.hpp", "first_bytes"): "connection ids that the server generates",
    ("src/tls/psk_file.hpp", "text_hash"): "identities of a file; a peer's identity is only looked up",
}

CONTAINER = re.compile(r"\bunordered_(?:multi)?(map|set)<")
FIXED_KEY = re.compile(r"\b(?:keyed_hash|peer_hash|source_prefixes|id_hash|hash_key)\b[\w ]*[({]{1,2}\s*\d")


def arguments(text, start):
    """Returns the template's arguments; the first begins at `start`."""
    depth, found, begin = 0, [], start
    for at in range(start, len(text)):
        if text[at] in "<(":
            depth += 1
        elif text[at] == "," and depth == 0:
            found.append(text[begin:at].strip())
            begin = at + 1
        elif text[at] in ">)":
            depth -= 1
            if depth < 0:
                return found + [text[begin:at].strip()]
    return found


def breaches_of(name, text):
    for match in CONTAINER.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        given = arguments(text, match.end())
        place = 2 if match[1] == "map" else 1
        used = given[place].rsplit("::")[-1] if len(given) > place else "std::hash"
        if used not in KEYED and (name, used) not in NOT_CHOSEN_BY_PEERS:
            yield f"{name}:{line}: a table with {used}: peers may choose keys that collide; use a keyed hash"
    for match in FIXED_KEY.finditer(text):
        yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: a constant hash key, which peers know; use a random one"


def check(root):
    count, breaches = 0, []
    for top in ("src", "include"):
        for path in sorted((root / top).rglob("*.[ch]pp")):
            text = re.sub(r"//[^\n]*", "", path.read_text())
            count += len(CONTAINER.findall(text))
            breaches += breaches_of(str(path.relative_to(root)), text)
    return count, breaches


def main():
    count, breaches = check(Path(sys.argv[1]))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{count} hash tables, {len(breaches)} breaches")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
