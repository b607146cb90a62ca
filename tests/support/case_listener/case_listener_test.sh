#!/usr/bin/env bash
# case_listener_test.sh CASES: checks how support/case_listener.hpp reports the failing cases in cases.cpp.
set -uo pipefail
cases=$1
problems=0

expect() {  # NAME, PATTERN, CASE: the case fails in time and prints a line that matches PATTERN
    local said begun=$SECONDS
    said=$("$cases" "$3") && problem "$1: the case passes"
    grep -qxE "$2" <<<"$said" || problem "$1: no line '$2' in: $said"
    ((SECONDS - begun < 30)) || problem "$1: it took $((SECONDS - begun)) s, instead of being ended before its minute is over"
}

problem() {
    echo "$*"
    problems=$((problems + 1))
}

expect "a failed case is named" "failed case: fails" "fails"
expect "a case that throws is named" "failed case: throws" "throws"
expect "a case that hangs is ended" "failed case: fails and does not end \(it has failed, .*\)" "fails and does not end"
expect "the failed assertion is printed before that" "  CHECK\( 1 == 2 \)" "fails and does not end"

said=$("$cases" "passes") || problem "a passing case fails: $said"
grep -q "failed case" <<<"$said" && problem "a passing case is named as failed: $said"

echo "$problems problems"
((problems == 0))
