#!/usr/bin/env python3
"""Checks that each file includes what it needs: stand_alone.py ROOT COMPILE_COMMANDS.

Each source file of the library and of the program is compiled alone, as far as errors and warnings go
(-fsyntax-only), with its own command of COMPILE_COMMANDS, a compile_commands.json of a build that compiles one file at
a time. A header whose source file begins with it is seen there; every other header is compiled in a file of its own that
includes it twice. A public header gets nothing but include/.
"""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def syntax_only(command):
    """The compiler and its options, without what it was to compile and to write."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in ("-o", "-MF", "-MT", "-MQ"):
            next(words)
        elif word not in ("-c", "-MD") and not word.endswith(".cpp"):
            kept.append(word)
    compiler = next(i for i, word in enumerate(kept) if "ccache" not in word and "=" not in word
                    and not word.startswith("-") and Path(word).name not in ("cmake", "env"))
    return [*kept[compiler:], "-fsyntax-only"]


def units(root, commands):
    """(what, command, text or None): a source file, or a header and the text that includes it."""
    options = {}
    for command in commands:
        source = Path(command["file"]).resolve()
        words = syntax_only(command["command"])
        options[source] = options[source.parent] = words
        yield source.relative_to(root), [*words, str(source)], None
    for header in sorted((root / "src").glob("*/*.hpp")):
        if header.with_suffix(".cpp") not in options and header.parent in options:
            name = header.relative_to(root / "src")
            yield header.relative_to(root), options[header.parent], f'#include "{name}"\n' * 2
    some = next(iter(options.values()))
    public = [some[0], "-fsyntax-only", "-I", str(root / "include"),
              *(word for word in some[1:] if word.startswith(("-std", "-W", "-isystem")))]
    for header in sorted((root / "include").glob("*/*.hpp")):
        yield header.relative_to(root), public, f"#include <{header.relative_to(root / 'include')}>\n" * 2


def complaint(unit):
    what, command, text = unit
    if text is not None:
        command = [*command, "-x", "c++", "-"]
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    return f"{what} does not stand alone:\n{done.stderr}" if done.returncode else None


def check(root, commands):
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(complaint, units(root.resolve(), commands)))
    return len(found), [each for each in found if each]


def main():
    root, commands = sys.argv[1:]
    count, complaints = check(Path(root), json.loads(Path(commands).read_text()))
    print(*complaints, sep="\n", end="")
    print(f"{count} files compiled alone, {len(complaints)} breaches")
    return 1 if complaints or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
