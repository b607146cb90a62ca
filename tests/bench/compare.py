#!/usr/bin/env python3
"""Runs the same work against quivive and the reference servers, alternately, and prints a table for each kind of work.

A server runs on one CPU and the generator on another. Each repetition gives a figure for every server. The ratio is
formed within the repetition, which cancels changes of the machine's speed from one minute to the next.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PSK = "client:30313233343536373839616263646566"
SERVERS = ("quivive", "gnutls", "openssl")
WITH_THREADS = ("quivive", "quivive-threads", "gnutls", "openssl")  # quivive-threads: with --handshake-threads 1
TICK = os.sysconf("SC_CLK_TCK")


class Work:
    """One kind of work: the generator's arguments, and the name of the figure that is the cost."""

    def __init__(self, name, what, arguments, unit, columns, key="server_us_per_op", tool="load", least_seconds=0,
                 servers=SERVERS):
        self.name, self.what, self.arguments, self.unit = name, what, arguments.split(), unit
        self.columns, self.key, self.tool, self.least_seconds = columns, key, tool, least_seconds
        self.servers = servers


RATE = [("per second", "per_second", "%.0f")]
LATENCY = [("p50 us", "p50_us", "%.0f"), ("p99 us", "p99_us", "%.0f")]
SUCCESS = [("success %", "success_percent", "%.2f")]
ECHO = [*RATE, *LATENCY, ("lost", "lost", "%.0f")]
HELLO = [*RATE, ("answered %", "answered_percent", "%.1f"), ("bytes out/in", "amplification", "%.2f"),
         ("grown KiB", "grown_kib", "%.0f")]


def all_work(idle_sizes):
    return [
        Work("hello", "ClientHellos without a cookie, 2 048 sources", "hello", "us/hello", HELLO),
        Work("junk", "datagrams that are not DTLS, 50 000 a second", "hello --kind junk --rate 50000",
             "us/datagram", HELLO),
        Work("stray", "records of no session, 50 000 a second", "hello --kind record --rate 50000",
             "us/datagram", HELLO),
        Work("handshake", "ECDHE-ECDSA, X25519, P-256; 16 at a time", "handshake -n 16", "us/handshake",
             [*RATE, *LATENCY, *SUCCESS], servers=WITH_THREADS),
        Work("psk", "PSK-AES-128-GCM; 16 at a time", f"handshake -n 16 --psk {PSK}", "us/handshake",
             [*RATE, *LATENCY, *SUCCESS]),
        Work("resumption", "session tickets; 16 at a time", "resume -n 16", "us/handshake",
             [*RATE, *LATENCY, *SUCCESS, ("resumed %", "resumed_percent", "%.0f")]),
        *[Work(f"echo{size}", f"{size} bytes, 64 sessions, 2 under way in each",
               f"echo -n 64 --outstanding 2 --size {size} --psk {PSK}", "us/message", ECHO)
          for size in (64, 256, 1200)],
        Work("bulk", "1 200 bytes, one session, 64 under way",
             f"echo -n 1 --outstanding 64 --size 1200 --psk {PSK}", "us/message", ECHO),
        Work("pace", "256 bytes, 64 sessions, 5 000 messages a second together: round trip",
             f"pace -n 64 --rate 5000 --size 256 --psk {PSK}", "p99 us", [*ECHO[:1], *LATENCY[:1]], key="p99_us"),
        Work("storm", "the same beside 16 clients with continuous certificate handshakes: p99, storm to calm",
             f"storm -n 64 --rate 5000 --size 256 --psk {PSK}", "ratio",
             [("calm p99 us", "calm_p99_us", "%.0f"), ("storm p99 us", "p99_us", "%.0f"),
              ("handshakes/s", "handshakes_per_second", "%.0f")], key="p99_ratio",
             servers=WITH_THREADS),
        Work("flood", "8 honest clients, handshake and 5 echoes, beside 50 000 hellos a second",
             "flood -n 8 --echoes 5 --rate 50000", "us/handshake",
             [*RATE, *LATENCY, *SUCCESS, ("echo %", "echo_success_percent", "%.2f"),
              ("echo p99 us", "echo_p99_us", "%.0f")], least_seconds=2),
        *[Work(f"idle{n}", f"{n} silent sessions", f"--sessions {n} --psk {PSK} --settle 0.5 --idle 2 --quiet",
               "PSS bytes/session",
               [("opened", "sessions", "%.0f"), ("alive", "alive", "%.0f"), ("idle CPU %", "idle_cpu_percent", "%.2f"),
                ("PSS MiB", "server_pss_mib", "%.1f")], key="pss_bytes_per_session", tool="crowd")
          for n in idle_sizes],
    ]


def busy_seconds():
    """Returns the CPU time that the whole machine has used."""
    fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / TICK


def used(usage):
    return usage.ru_utime + usage.ru_stime


class Runner:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.tools = Path(options.build) / "tests/bench"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", folder / "key.pem",
                        "-out", folder / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
        descriptor = os.open(folder / "psk", os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(PSK + "\n")

    def command(self, server):
        certificate, key = self.folder / "cert.pem", self.folder / "key.pem"
        if not server.startswith("quivive"):
            return [self.tools / f"{server}_peer", "0", certificate, key, PSK]
        return [Path(self.options.build) / "src/program/quivive", "echo", "--listen", "127.0.0.1:0", "--cert",
                certificate, "--key", key, "--psk-file", self.folder / "psk",
                "--handshake-threads", "1" if server == "quivive-threads" else "0"]

    def start(self, server):
        process = subprocess.Popen(["taskset", "--cpu-list", str(self.options.server_cpu), *self.command(server)],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in process.stdout:
            if line.startswith("listening on "):
                return process, line.split()[-1]
        process.wait()
        sys.exit(f"{server} does not start: {self.command(server)}")

    def generate(self, work, address, pid):
        """Returns the figures, or None, and the CPU seconds that the generator used."""
        command = ["taskset", "--cpu-list", str(self.options.generator_cpu), self.tools / work.tool, *work.arguments,
                   "--to", address, "--pid", str(pid), "--json"]
        if work.tool == "load":
            command += ["--seconds", str(max(self.options.seconds, work.least_seconds))]
        generator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        out = generator.stdout.read()
        _, status, usage = os.wait4(generator.pid, 0)
        generator.returncode = os.waitstatus_to_exitcode(status)
        return (json.loads(out) if out else None), used(usage)

    def run(self, work, server):
        begin, busy = time.monotonic(), busy_seconds()
        process, address = self.start(server)
        figures, cpu = self.generate(work, address, process.pid)
        process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        if figures is None:
            return None
        others = busy_seconds() - busy - cpu - used(usage)
        figures["others_cpu_percent"] = max(0.0, 100 * others / (time.monotonic() - begin))
        return figures


def median(values):
    return statistics.median(values) if values else float("nan")


def row_of(work, server, rows):
    mine = [r for r in rows if r["work"] == work.name and r["server"] == server]
    costs = [r[work.key] for r in mine]
    reference = {r["rep"]: r[work.key] for r in rows if r["work"] == work.name and r["server"] == SERVERS[0]}
    ratios = [r[work.key] / reference[r["rep"]] for r in mine if reference.get(r["rep"])]
    digits = "%.0f" if min(costs, default=0) >= 100 else "%.2f"
    cells = [server, str(len(mine)), digits % median(costs), f"{digits % min(costs)}..{digits % max(costs)}",
             "%.2f" % median(ratios) if ratios else "-"]
    for _, key, form in work.columns:
        cells.append(form % median([r[key] for r in mine]) if all(key in r for r in mine) else "-")
    # Warnings about the row: see README.md.
    flags = "g" if median([r.get("generator_cpu_percent", 0) for r in mine]) > 92 else ""
    flags += "~" if median([r["others_cpu_percent"] for r in mine]) > 25 else ""
    return cells + [flags]


def print_table(work, rows):
    print(f"\n### {work.name}: {work.what}\n")
    head = ["server", "runs", work.unit, "range", "/ quivive", *[name for name, _, _ in work.columns], ""]
    servers = [s for s in work.servers if any(r["work"] == work.name and r["server"] == s for r in rows)]
    lines = [head, *[row_of(work, server, rows) for server in servers]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for n, line in enumerate(lines):
        first, *rest = [(c.ljust if i == 0 else c.rjust)(widths[i]) for i, c in enumerate(line)]
        print("| " + " | ".join([first, *rest]) + " |")
        if n == 0:
            print("|" + "-" * (widths[0] + 2) + "|" + "|".join("-" * (w + 1) + ":" for w in widths[1:]) + "|")
    sys.stdout.flush()


def print_legend(options, rows):
    others = median([r["others_cpu_percent"] for r in rows])
    print(f"\nMedians of {options.reps} repetitions of {options.seconds} s (idle: of two); CPU of all threads of the "
          "server. / quivive: median of the ratios\nwithin each repetition; above 1 costs more than quivive. g: the "
          "generator was the limit of the rate, not of the cost.\n~: others used over a quarter of a CPU (in the "
          f"median of all runs {others:.0f} %), so do not trust it to 10 %.")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=HERE.parents[1] / "build/bench", help="a build with QUIVIVE_BUILD_BENCH")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter and smaller runs: to check that it works")
    parser.add_argument("--reps", type=int, help="repetitions (7; 2 when quick)")
    parser.add_argument("--seconds", type=float, help="measuring time of each run (2; 0.5 when quick)")
    parser.add_argument("--tests", help="run only these, separated by commas")
    parser.add_argument("--figure", help="output file of the figure (figure.svg of the build)")
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--generator-cpu", type=int, default=1 if os.cpu_count() > 1 else 0)
    options = parser.parse_args()
    options.reps = options.reps or (2 if options.quick else 7)
    options.seconds = options.seconds or (0.5 if options.quick else 2)
    return options


def chosen_work(options):
    offered = all_work((500, 1000, 2000) if options.quick else (1000, 5000, 20000))
    if not options.tests:
        return offered
    names = options.tests.split(",")
    if unknown := set(names) - {w.name for w in offered}:
        sys.exit(f"no such test: {', '.join(sorted(unknown))}; there are {', '.join(w.name for w in offered)}")
    return [w for w in offered if w.name in names]


def main():
    options = read_options()
    rows, missing = [], 0
    all_chosen = chosen_work(options)
    with tempfile.TemporaryDirectory(prefix="quivive-bench-") as folder:
        runner = Runner(options, Path(folder))
        for rep in range(options.reps):
            for work in all_chosen:
                if work.tool == "crowd" and rep >= 2:  # memory does not drift
                    continue
                turn = rep % len(work.servers)
                for server in work.servers[turn:] + work.servers[:turn]:
                    figures = runner.run(work, server)
                    if not figures or not figures.get(work.key):
                        print(f"{work.name}: no measurement of {server}", file=sys.stderr)
                        missing += 1
                        continue
                    rows.append({"work": work.name, "server": server, "rep": rep, **figures})
            print(f"repetition {rep + 1} of {options.reps} done", file=sys.stderr)
    results = Path(options.build) / "results.jsonl"
    results.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for work in all_chosen:
        print_table(work, rows)
    print_legend(options, rows)
    figure = Path(options.figure or Path(options.build) / "figure.svg")
    subprocess.run([sys.executable, "-B", HERE / "figure.py", results, figure], check=True)
    print(f"figure: {figure}\nrows: {results}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
