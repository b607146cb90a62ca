#!/usr/bin/env bash
# waiting_test.sh QUIVIVE: tests wait_until of lib.sh. It waits for a condition up to its limit, and stops soon after the
# server has ended.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tried=0
is_third_try() { ((++tried == 3)); }

wait_until 20 is_third_try || fail "a condition that holds at the third try is missed"
((tried == 3)) || fail "it was tried $tried times"

tried=0
wait_until 1 false && fail "a condition that never holds is met"

begun=$SECONDS
"$program" --version >version.out &
server=$!
wait_until 60 false && fail "a condition that never holds is met"
((SECONDS - begun < 30)) || fail "the wait for a server that has ended took $((SECONDS - begun)) s"

printf 'one\nlast line, not ended' >lines
has_line '^one$' lines || fail "a line is not found"
has_line '^last .* not (ended|begun)$' lines || fail "the last line is not found"
has_line '^two$' lines && fail "a line that does not exist is found"
has_line . missing && fail "a file that does not exist is read"
echo "waiting: good"
