#!/usr/bin/env python3
"""Prints the coverage of src/ and include/: coverage.py BUILD, after the tests of the preset `coverage`.

Prints each line that no test ran, with its text, and then the number of covered lines by folder. No threshold applies:
the script fails only when there is nothing to count.
"""

import collections
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def count(build):
    """Returns file -> line -> number of executions."""
    report = build / "lines.json"
    subprocess.run(["gcovr", "--root", ROOT, "--filter", f"{ROOT}/src/", "--filter", f"{ROOT}/include/", "-j",
                    str(os.cpu_count()), "--json", report, build], check=True, stdout=subprocess.DEVNULL)
    lines = collections.defaultdict(collections.Counter)
    for file in json.loads(report.read_text())["files"]:
        for line in file["lines"]:
            if not line.get("gcovr/noncode"):
                lines[file["file"]][line["line_number"]] += line["count"]
    return lines


def folder_of(file):
    return "/".join(file.split("/")[:2])


def ranges(numbers):
    """Joins consecutive numbers: [3, 4, 5, 9] -> (3, 5), (9, 9)"""
    first = last = None
    for number in numbers:
        if last is not None and number != last + 1:
            yield first, last
            first = number
        first = number if first is None else first
        last = number
    if last is not None:
        yield first, last


def main():
    lines = count(Path(sys.argv[1]))
    run, all_lines = collections.Counter(), collections.Counter()
    for file, counts in lines.items():
        for folder in (folder_of(file), "in all"):
            all_lines[folder] += len(counts)
            run[folder] += sum(1 for times in counts.values() if times)
    for file, counts in sorted(lines.items()):
        text = (ROOT / file).read_text().splitlines()
        for first, last in ranges(sorted(number for number, times in counts.items() if not times)):
            print(f"{file}:{first}" + (f"-{last}" if last > first else ""))
            print(*text[first - 1:last], sep="\n")
    for folder in sorted(all_lines):
        print(f"coverage: {folder:16} {run[folder]:6} of {all_lines[folder]:6} lines"
              f"  {100 * run[folder] / all_lines[folder]:5.1f} %")
    return 0 if all_lines else 1


if __name__ == "__main__":
    sys.exit(main())
