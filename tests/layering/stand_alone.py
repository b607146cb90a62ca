#!/usr/bin/env python3
"""Checks that each file includes what it needs: stand_alone.py ROOT COMPILE_COMMANDS.

Each source file of the library and of the program is compiled alone, for errors and warnings only (-fsyntax-only). Its
command comes from COMPILE_COMMANDS, a compile_commands.json of a build that compiles one file at a time. A header whose
source file includes it first is checked through that file. Every other header is compiled in a file of its own that
includes it twice. A public header is compiled with include/ as its only include path of the project.

With clang, sets of third-party headers are precompiled. A file uses a set only if its first header, or the file itself
when it has none, includes all of the set. So a precompiled header never hides a missing include.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)', re.M)
SETS = 14  # precompiled headers; more cost more time than they save
SLOW = re.compile(r"(boost/asio|CLI|spdlog|prometheus)/")


@dataclass
class unit:
    name: Path
    command: tuple
    text: str | None  # source text for stdin; None: the command names a file
    others: frozenset  # third-party headers that its first header includes, directly or not


class tree:
    def __init__(self, root):
        self.root = root
        self.reached = cache(self.reached)

    def find(self, name, folder):
        return next((path.resolve() for path in (folder / name, self.root / "src" / name, self.root / "include" / name)
                     if path.is_file()), None)

    def reached(self, path):
        """Returns the third-party headers that a file includes, directly or not."""
        found = set()
        for _, name in INCLUDE.findall(path.read_text()):
            if ours := self.find(name, path.parent):
                found |= self.reached(ours) if ours != path else set()
            else:
                found.add(name)
        return frozenset(found)

    def units(self, commands):
        options = {}
        for command in commands:
            source = Path(command["file"]).resolve()
            words = syntax_only(command["command"])
            options[source] = words
            options[source.parent] = max(words, options.get(source.parent, ()), key=len)  # with all definitions
            first = source.with_suffix(".hpp")
            yield unit(source.relative_to(self.root), (*words, str(source)), None,
                       self.reached(first if first.exists() else source))
        some = next(iter(options.values()))
        public = (*(word for word in some if not word.startswith(("-I", "-D"))), "-I", str(self.root / "include"))
        for header in sorted((self.root / "include").glob("*/*.hpp")):
            yield self.including(header, header.relative_to(self.root / "include"), public)
        for header in sorted((self.root / "src").glob("*/*.hpp")):
            if header.with_suffix(".cpp") not in options and header.parent in options:
                yield self.including(header, header.relative_to(self.root / "src"), options[header.parent])

    def including(self, header, name, command):
        return unit(header.relative_to(self.root), (*command, "-x", "c++", "-"), f'#include "{name}"\n' * 2,
                    self.reached(header.resolve()))


def syntax_only(command):
    """Returns the compiler and its options, without source file, output files and compiler cache."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in ("-o", "-MF", "-MT", "-MQ"):
            next(words)
        elif word not in ("-c", "-MD") and not word.endswith(".cpp"):
            kept.append(word)
    before = ("cmake", "env", "ccache")
    compiler = next(i for i, word in enumerate(kept)
                    if not word.startswith("-") and "=" not in word and Path(word).name not in before)
    return (*kept[compiler:], "-fsyntax-only")


def flags(one):
    """Returns the options that a precompiled header must share with the file that uses it."""
    return tuple(word for word in one.command if word.startswith(("-D", "-O", "-f", "-std", "-p")))


def worth(headers):
    return sum(10 if SLOW.match(name) else 1 for name in headers)


def choose_sets(units):
    """Chooses the sets that save most time. A file uses the most valuable set of which it includes every header."""
    needs = Counter((flags(one), one.others) for one in units)
    best, chosen = dict.fromkeys(needs, 0), []
    for _ in range(SETS):
        def saved(candidate):
            return sum(count * max(0, worth(candidate[1]) - best[need]) for need, count in needs.items()
                       if need[0] == candidate[0] and candidate[1] <= need[1]) - worth(candidate[1])
        if saved(most := max(needs, key=saved)) <= 0:
            break
        chosen.append(most)
        for need in needs:
            if need[0] == most[0] and most[1] <= need[1]:
                best[need] = max(best[need], worth(most[1]))
    return chosen


def precompile(units, folder):
    """Precompiles each chosen set; returns {(flags, headers): file}."""
    wanted = choose_sets(units) if "clang" in Path(units[0].command[0]).name else []

    def make(numbered):
        number, (options, headers) = numbered
        target = folder / f"{number}.pch"
        text = "".join(f"#include <{name}>\n" for name in sorted(headers))
        command = [units[0].command[0], *(word for word in options if word != "-fsyntax-only"),
                   "-fpch-instantiate-templates", "-x", "c++-header", "-", "-o", target]
        subprocess.run(command, input=text, text=True, check=True)
        return (options, headers), target

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(pool.map(make, enumerate(wanted)))


def complaint(one, sets):
    fitting = [(worth(headers), target) for (options, headers), target in sets.items()
               if options == flags(one) and headers <= one.others]
    use = ("-include-pch", str(max(fitting)[1])) if fitting else ()
    done = subprocess.run((one.command[0], *use, *one.command[1:]), input=one.text, text=True, capture_output=True)
    return f"{one.name} does not stand alone:\n{done.stderr}" if done.returncode else None


def check(root, commands):
    units = list(tree(root.resolve()).units(commands))
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        sets = precompile(units, Path(folder))
        return len(units), [said for said in pool.map(lambda one: complaint(one, sets), units) if said]


def main():
    root, commands = sys.argv[1:]
    count, complaints = check(Path(root), json.loads(Path(commands).read_text()))
    print(*complaints, sep="\n", end="")
    print(f"{count} files compiled alone, {len(complaints)} breaches")
    return 1 if complaints or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
