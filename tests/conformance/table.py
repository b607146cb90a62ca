#!/usr/bin/env python3
"""Makes the table of requirements and the tests that cover them: table.py ROOT [--write].

Makes tests/conformance.md of tests/conformance/requirements.txt and the names of all tests. Without --write it only
compares the file with the table. Exits with 1 when they differ, or when a requirement names a test that does not exist.
"""

import re
import sys
from pathlib import Path

CASE = re.compile(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
PROMISE = re.compile(r'(?:hold|fail)\((?:[^;]*?)((?:"(?:[^"\\]|\\.)*"\s*)+)\)', re.DOTALL)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def joined(literals):
    return "".join(STRING.findall(literals)).replace('\\"', '"')


def test_cases(tests):
    """Returns the names of all test cases, each with its file below tests/."""
    found = {}
    for file in sorted(tests.rglob("*_test.cpp")):
        for literals in CASE.findall(file.read_text()):
            found[joined(literals)] = str(file.relative_to(tests))
    return found


def promises(tests):
    found = {}
    for file in sorted((tests / "support/sim").glob("*.cpp")):
        for literals in PROMISE.findall(file.read_text()):
            found[joined(literals)] = "sim"
    return found


class Table:
    def __init__(self, tests):
        self.tests, self.cases, self.promises = tests, test_cases(tests), promises(tests)
        self.problems, self.lines, self.used = [], [], set()

    def resolve(self, wanted, where):
        if wanted.startswith("file:"):
            name = wanted.removeprefix("file:")
            if not (self.tests / name).is_file():
                self.problems.append(f"{where}: there is no tests/{name}")
            return f"`{name}`"
        among, piece = (self.promises, wanted[4:]) if wanted.startswith("sim:") else (self.cases, wanted)
        matches = [name for name in among if piece in name]
        if not matches:
            self.problems.append(f"{where}: no test is named '{piece}'")
            return piece
        self.used.update(matches)
        return f"`{among[matches[0]]}`: {matches[0].replace('|', chr(92) + '|')}"

    def add(self, number, line):
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 3 or not fields[2]:
            self.problems.append(f"line {number}: not `section | requirement | tests`, or without a test")
            return
        section, requirement, tests = fields
        if tests.startswith("- "):
            held = "cannot apply: " + tests[2:]
        else:
            held = "<br>".join(self.resolve(each.strip(), f"line {number}") for each in tests.split(" & "))
        self.lines.append(f"| {section} | {requirement} | {held} |")


def make(root):
    tests = Path(root) / "tests"
    table = Table(tests)
    for number, line in enumerate((tests / "conformance/requirements.txt").read_text().splitlines(), 1):
        if line.startswith("## "):
            table.lines += ["", line, "", "| section | requirement | tests |", "| --- | --- | --- |"]
        elif line and not line.startswith("#"):
            table.add(number, line)
    head = ["# Requirements and the tests that cover them", "",
            "`tests/conformance/table.py . --write` makes this file of `tests/conformance/requirements.txt` and the names of",
            "the tests. A test fails when this file is out of date or names a test that does not exist. A test case is",
            "listed with its file. `sim` stands for an invariant that the simulation checks after every step in every world."]
    return "\n".join(head + table.lines) + "\n", table.problems


def main():
    root = sys.argv[1]
    text, problems = make(root)
    for each in problems:
        print(f"tests/conformance/requirements.txt: {each}")
    file = Path(root) / "tests/conformance.md"
    if "--write" in sys.argv:
        file.write_text(text)
    elif not file.is_file() or file.read_text() != text:
        print("tests/conformance.md is stale: run tests/conformance/table.py . --write")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
