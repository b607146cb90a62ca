#!/usr/bin/env python3
"""Checks that a file has at most 300 lines and a function at most 70: sizes.py ROOT EXEMPT.

EXEMPT lists longer files and functions, one `lines file` or `lines file function` a line. It may only shrink: an entry
with a larger number than the actual size, or one that is no longer needed, is a breach too.
"""

import re
import sys
from pathlib import Path

FILE_LINES, FUNCTION_LINES = 300, 70
FOLDERS = ("include", "src", "examples", "tests")
ENDINGS = {".hpp", ".cpp", ".py", ".sh", ".cmake"}


def name_of(signature):
    """Returns the name in a signature: `fed server::feed(const record& r) noexcept` -> server::feed;
    TEST_CASE("a rule") -> "a rule" """
    if quoted := re.search(r'^\s*[A-Z_]+\(\s*("[^"]*")', signature):
        return quoted[1]
    found = re.search(r"([~\w:]+|operator\S+)\s*\(", signature)
    return found[1] if found else signature.strip()[:60]


def functions(lines):
    """Yields (name, lines) of each function. clang-format puts only a function's opening brace on a line of its own.
    The function ends at the closing brace with the same indentation."""
    i = 0
    while i < len(lines):
        if not re.fullmatch(r"\s*\{", lines[i]):
            i += 1
            continue
        start = i
        while start > 0 and lines[start - 1].strip() and not re.search(r"[;}{:]\s*$|^\s*(?://|#)", lines[start - 1]):
            start -= 1
        closing = lines[i].replace("{", "}")
        end = next((j for j in range(i, len(lines)) if lines[j].rstrip(" ;") == closing), len(lines) - 1)
        yield name_of(" ".join(lines[start:i])), end - start + 1
        i = end + 1


def too_long(root):
    """Returns the number of files, and (file, function or "") -> lines of each that is too long."""
    found = {}
    count = 0
    for path in sorted(p for folder in FOLDERS for p in (root / folder).rglob("*") if p.suffix in ENDINGS):
        lines = path.read_text().splitlines()
        name = str(path.relative_to(root))
        count += 1
        if len(lines) > FILE_LINES:
            found[name, ""] = len(lines)
        if path.suffix in {".hpp", ".cpp"}:
            found |= {(name, function): size for function, size in functions(lines) if size > FUNCTION_LINES}
    return count, found


def read_exemptions(text):
    entries = [line.split(maxsplit=2) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {(entry[1], entry[2] if len(entry) > 2 else ""): int(entry[0]) for entry in entries}


def check(root, exemptions):
    count, found = too_long(root)
    breaches = []
    for key in sorted(found.keys() | exemptions.keys()):
        what = " ".join(filter(None, key))
        size, exempt = found.get(key), exemptions.get(key)
        if size is None:
            breaches.append(f"{what}: within the limit, or removed: delete its entry in exempt.txt")
        elif exempt is None:
            breaches.append(f"{what}: {size} lines; at most {FUNCTION_LINES if key[1] else FILE_LINES}")
        elif size > exempt:
            breaches.append(f"{what}: has grown from {exempt} to {size} lines")
        elif size < exempt:
            breaches.append(f"{what}: has shrunk to {size} lines: lower its entry in exempt.txt from {exempt}")
    return count, breaches


def main():
    root, exempt = (Path(argument) for argument in sys.argv[1:])
    count, breaches = check(root, read_exemptions(exempt.read_text()))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{count} files, {len(breaches)} breaches")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
