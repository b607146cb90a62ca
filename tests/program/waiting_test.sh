#!/usr/bin/env bash
# waiting_test.sh QUIVIVE: tests wait_until of lib.sh. It waits for a condition up to its limit, and stops soon after the
# server has ended.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tried=0
is_third_try() { ((++tried == 3)); }

wait_until 20 is_third_try || fail "wait_until fails for a condition that is true at the third check"
((tried == 3)) || fail "wait_until checked the condition $tried times instead of 3"

tried=0
wait_until 1 false && fail "wait_until succeeds for a condition that is never true"

begun=$SECONDS
"$program" --version >version.out &
server=$!
wait_until 60 false && fail "wait_until succeeds for a condition that is never true"
((SECONDS - begun < 30)) || fail "the wait for a server that has ended took $((SECONDS - begun)) s"

printf 'one\nlast line, not ended' >lines
has_line '^one$' lines || fail "has_line does not find a line"
has_line '^last .* not (ended|begun)$' lines || fail "has_line does not find the last line, which has no newline"
has_line '^two$' lines && fail "has_line finds a line that does not exist"
has_line . missing && fail "has_line succeeds for a file that does not exist"
echo "waiting: good"
