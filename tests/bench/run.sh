#!/usr/bin/env bash
# tests/bench/run.sh [--quick] [--reps N] [--tests A,B] [--figure FILE]: installs missing packages, builds a release and runs
# the benchmarks: first the parts of quivive alone, then the whole server against one on plain GnuTLS and one on OpenSSL. These
# servers do the same work alternately on the same CPU. Prints the tables, and draws the figure.
#
# build/bench/results.jsonl keeps the rows of a run. README.md here explains them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"

build_bench
if [[ " $* " != *" --tests "* && " $* " != *" --quick "* ]]; then
    printf '\n== the parts alone\n'
    taskset --cpu-list 0 "$build/tests/bench/micro"
fi
printf '\n== beside other servers\n'
exec python3 -B "$here/compare.py" --build "$build" "$@"
