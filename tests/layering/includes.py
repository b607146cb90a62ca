#!/usr/bin/env python3
"""Checks the includes of each layer: includes.py ROOT. Prints each breach and exits with 1 when there is one."""

import re
import sys
from pathlib import Path

STANDARD = re.compile(r"^[a-z_]+$")  # <vector>, <cstdint>: without folder or suffix
OS_HEADERS = ("arpa/", "fcntl.h", "ifaddrs.h", "linux/", "net/", "netinet/", "poll.h", "pthread.h", "sched.h",
              "signal.h", "sys/", "time.h", "unistd.h")
ASIO = "boost/asio"

# Folder of src -> permitted includes besides itself, the standard library, quivive/ and boost/system/: folders of src,
# and prefixes of other headers. Below `server`, only `config` may include a public header that shows Asio, since it
# implements such a header (server_config.hpp).
LAYERS = {
    "wire":      ([], []),
    "record":    (["wire"], []),
    "tls":       (["wire", "record"], ["gnutls/"]),
    "gate":      (["wire", "record", "tls"], []),
    "session":   (["wire", "record", "tls", "gate"], []),
    "dispatch":  (["wire", "record", "tls", "gate", "session"], ["observe/counters.hpp"]),  # counts its decisions
    "transport": (["wire"], [*OS_HEADERS]),
    "observe":   (["wire"], []),
    "config":    (["wire", "tls", "gate"], [ASIO, "toml++/"]),
    "server":    (["wire", "record", "tls", "gate", "session", "dispatch", "transport", "observe", "config"],
                  [ASIO, "boost/intrusive/", "boost/smart_ptr/", *OS_HEADERS]),
    "program":   ([], [ASIO, "CLI/", "malloc.h", "prometheus/", "spdlog/", "sys/prctl.h", "sys/resource.h"]),
}
PUBLIC = ([], [ASIO])  # include/quivive: no header of src, no GnuTLS, no OS header

# (file, header) -> the reason for the exception.
EXCEPTIONS = {
    ("src/tls/text_file.cpp", "fcntl.h"): "checks the descriptor of the opened file, not its path",
    ("src/tls/text_file.cpp", "sys/stat.h"): "fstat, for the same check",
    ("src/tls/text_file.cpp", "unistd.h"): "read, from the same descriptor",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
GNUTLS_TYPE = re.compile(r"\bgnutls_\w+_(?:t|st|int)\b")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def includes(path):
    return INCLUDE.findall(path.read_text())


def headers_showing_asio(root):
    """Returns the public headers that include Asio, directly or through another public header."""
    public = {f"quivive/{path.name}": includes(path) for path in (root / "include/quivive").glob("*.hpp")}
    showing = set()
    while True:
        more = {name for name, names in public.items() if any(n.startswith(ASIO) or n in showing for n in names)}
        if more == showing:
            return showing
        showing = more


def breach(header, layer, rule, asio_headers):
    """Returns the reason why `layer` must not include `header`, or None when it may."""
    folders, prefixes = rule
    if STANDARD.match(header) or header.startswith(("boost/system/", *prefixes)):
        return None
    if header.startswith("quivive/"):
        if header in asio_headers and ASIO not in prefixes:
            return "that public header shows Asio"
        return None
    folder = header.split("/")[0]
    if folder in (layer, *folders):
        return None
    return f"{layer} is not above {folder}" if folder in LAYERS else "not a header for this layer"


def own_header_first(root):
    """Yields each foo.cpp that does not include foo.hpp first, which would show that foo.hpp compiles alone."""
    for source in sorted((root / "src").glob("*/*.cpp")):
        header = source.with_suffix(".hpp").relative_to(root / "src")
        if (root / "src" / header).exists() and includes(source)[:1] != [str(header)]:
            yield f"{source.relative_to(root)}: must include \"{header}\" before anything else"


def check(root):
    asio_headers = headers_showing_asio(root)
    files = [(path, "include/quivive", PUBLIC) for path in (root / "include/quivive").rglob("*.hpp")]
    breaches, used = [], set()
    for folder in sorted(path for path in (root / "src").iterdir() if path.is_dir() and path.name != "cmake"):
        if folder.name not in LAYERS:
            breaches.append(f"src/{folder.name}: no rule for this layer; add one to tests/layering/includes.py")
            continue
        files += [(path, folder.name, LAYERS[folder.name]) for path in folder.rglob("*.[ch]pp")]
    for path, layer, rule in sorted(files):
        name = str(path.relative_to(root))
        for header in includes(path):
            why = breach(header, layer, rule, asio_headers)
            if why and (name, header) in EXCEPTIONS:
                used.add((name, header))
            elif why:
                breaches.append(f"{name}: includes <{header}>: {why}")
        if rule is PUBLIC and (found := GNUTLS_TYPE.search(COMMENT.sub("", path.read_text()))):
            breaches.append(f"{name}: shows the GnuTLS type {found[0]}")
    breaches += own_header_first(root)
    breaches += [f"{name}: no longer includes <{header}>: remove the exception"
                 for name, header in EXCEPTIONS if (name, header) not in used and (root / name).parent.is_dir()]
    return len(files), breaches


def main():
    count, breaches = check(Path(sys.argv[1]))
    print(*breaches, sep="\n", end="\n" if breaches else "")
    print(f"{count} files, {len(breaches)} breaches")
    return 1 if breaches or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
