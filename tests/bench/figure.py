#!/usr/bin/env python3
"""figure.py RESULTS.jsonl FIGURE.svg: draws the cost of an echo by its size, and memory by the number of sessions, from
the results of compare.py."""

import json
import math
import statistics
import sys
from pathlib import Path
from xml.sax.saxutils import escape

SERVERS = {"quivive": ("quivive", "#0b6e4f"), "gnutls": ("plain GnuTLS", "#d1803c"), "openssl": ("OpenSSL", "#7a6fa8")}
WIDTH, HEIGHT = 860, 330
TOP, BOTTOM = 70, 275


class Svg:
    def __init__(self):
        self.parts = []

    def text(self, x, y, words, size=12, anchor="middle", weight="normal", color="#333"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
                          f'font-weight="{weight}" fill="{color}">{escape(words)}</text>')

    def line(self, x1, y1, x2, y2, color="#ddd", width=1.0):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" '
                          f'stroke-width="{width}"/>')

    def bar(self, x, y, width, height, color):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{color}"/>')

    def dot(self, x, y, color):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{color}"/>')

    def whole(self):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
                f'height="{HEIGHT}" font-family="sans-serif">\n<rect width="100%" height="100%" fill="white"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def step_of(highest):
    """Returns a round step that divides the axis into about five parts."""
    raw = highest / 5
    power = 10 ** math.floor(math.log10(raw))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= raw)


def axis(svg, left, right, highest, title):
    """Draws the grid; returns the function that maps a value to its height."""
    step = step_of(highest)
    ceiling = math.ceil(highest / step) * step
    height_of = lambda value: BOTTOM - (BOTTOM - TOP) * value / ceiling
    for n in range(round(ceiling / step) + 1):
        svg.line(left, height_of(n * step), right, height_of(n * step))
        svg.text(left - 6, height_of(n * step) + 4, f"{n * step:g}", 11, "end")
    svg.text((left + right) / 2, TOP - 16, title, 13, weight="bold")
    return height_of


def echo_bars(svg, left, right, costs):
    """costs: size -> server -> us"""
    if not costs:
        return
    height_of = axis(svg, left, right, max(max(c.values()) for c in costs.values()), "Server CPU per echo, in us")
    group = (right - left) / len(costs)
    for i, size in enumerate(sorted(costs)):
        width = group * 0.8 / len(SERVERS)
        for k, server in enumerate(SERVERS):
            if server not in costs[size]:
                continue
            x, y = left + group * (i + 0.1) + k * width, height_of(costs[size][server])
            svg.bar(x, y, width * 0.92, BOTTOM - y, SERVERS[server][1])
            svg.text(x + width * 0.46, y - 4, f"{costs[size][server]:.1f}", 10)
        svg.text(left + group * (i + 0.5), BOTTOM + 18, f"{size} bytes")


def memory_lines(svg, left, right, memory):
    """memory: server -> sessions -> MiB"""
    if not memory:
        return
    most = max(max(m) for m in memory.values())
    height_of = axis(svg, left, right, max(max(m.values()) for m in memory.values()), "Server memory (PSS), in MiB")
    x_of = lambda sessions: left + (right - left) * sessions / most
    for server, points in memory.items():
        color = SERVERS[server][1]
        line = sorted(points.items())
        for (n1, m1), (n2, m2) in zip(line, line[1:]):
            svg.line(x_of(n1), height_of(m1), x_of(n2), height_of(m2), color, 2)
        for sessions, mib in line:
            svg.dot(x_of(sessions), height_of(mib), color)
        svg.text(x_of(line[-1][0]) + 6, height_of(line[-1][1]) + 4, f"{line[-1][1]:.0f}", 10, "start")
    for sessions in sorted({n for points in memory.values() for n in points}):
        svg.text(x_of(sessions), BOTTOM + 18, f"{sessions:,}".replace(",", " "), 11)
    svg.text((left + right) / 2, BOTTOM + 36, "silent sessions")


def collect(rows, prefix, key):
    """Returns number after the prefix -> server -> median."""
    found = {}
    for row in rows:
        if row["work"].startswith(prefix):
            found.setdefault(int(row["work"][len(prefix):]), {}).setdefault(row["server"], []).append(row[key])
    return {number: {s: statistics.median(v) for s, v in of.items()} for number, of in found.items()}


def main():
    results, target = (Path(argument) for argument in sys.argv[1:])
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    memory = {}
    for sessions, of in collect(rows, "idle", "server_pss_mib").items():
        for server, mib in of.items():
            memory.setdefault(server, {})[sessions] = mib
    svg = Svg()
    for i, (label, color) in enumerate(SERVERS.values()):
        svg.bar(300 + i * 110, 14, 12, 12, color)
        svg.text(318 + i * 110, 24, label, 12, "start")
    echo_bars(svg, 50, 410, collect(rows, "echo", "server_us_per_op"))
    memory_lines(svg, 480, 815, memory)
    target.write_text(svg.whole())


if __name__ == "__main__":
    main()
