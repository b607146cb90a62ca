#!/usr/bin/env bash
# tests/bench/run.sh [--quick] [--reps N] [--tests A,B] [--figure FILE]: installs what is missing, builds a release, and
# measures: the parts of quivive alone, then the whole server beside one on plain GnuTLS and one on OpenSSL, which take
# turns at the same work on the same CPU. Prints the tables, and draws the figure.
#
# The rows of a run are kept in build/bench/results.jsonl. README.md here says how to read it all.
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
