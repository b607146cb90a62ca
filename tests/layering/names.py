#!/usr/bin/env python3
"""Checks that CTest can run each Catch2 test case: names.py ROOT.

A name with a semicolon or a square bracket breaks CTest's lists: CTest registers the case and reports it as passed, but
never runs it. Two cases of one folder must not share a name.
"""

import re
import sys
from pathlib import Path

CASE = re.compile(r'\b(?:TEST_CASE|SCENARIO)\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
PIECE = re.compile(r'"((?:[^"\\]|\\.)*)"')


def check(root):
    count, breaches, seen = 0, [], {}
    for path in sorted((root / "tests").rglob("*.cpp")):
        for case in CASE.finditer(path.read_text()):
            name = "".join(PIECE.findall(case[1]))
            count += 1
            where = path.relative_to(root)
            if found := re.search(r"[;\[\]]", name):
                breaches.append(f'{where}: "{name}" contains {found[0]}, so CTest never runs it')
            if (path.parent, name) in seen:
                breaches.append(f'{where}: "{name}" is also the name of a case in {seen[path.parent, name]}')
            seen[path.parent, name] = where
    return count, breaches


def main():
    count, breaches = check(Path(sys.argv[1]))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{count} test cases, {len(breaches)} breaches")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
