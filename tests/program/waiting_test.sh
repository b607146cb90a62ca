#!/usr/bin/env bash
# waiting_test.sh QUIVIVE: lib.sh's wait_until: it waits for what comes, not longer than it was told, and not for what a
# server that has ended would have to do.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

tried=0
is_third_try() { ((++tried == 3)); }

wait_until 20 is_third_try || fail "what comes at the third try does not come"
((tried == 3)) || fail "it was tried $tried times"

tried=0
wait_until 1 false && fail "what never comes has come"

begun=$SECONDS
"$program" --version >version.out &
server=$!
wait_until 60 false && fail "what never comes has come"
((SECONDS - begun < 30)) || fail "a server that has ended was waited for, $((SECONDS - begun)) s"

printf 'one\nlast line, not ended' >lines
has_line '^one$' lines || fail "a line is not found"
has_line '^last .* not (ended|begun)$' lines || fail "the last line is not found"
has_line '^two$' lines && fail "a line is found that is not there"
has_line . missing && fail "a file is read that is not there"
echo "waiting: good"
