#!/usr/bin/env bash
# case_listener_test.sh CASES: what support/case_listener.hpp promises, of the cases that must fail in cases.cpp.
set -uo pipefail
cases=$1
problems=0

expect() {  # WHAT, PATTERN, CASE: the case fails soon, and says so
    local said begun=$SECONDS
    said=$("$cases" "$3") && problem "$1: it passes"
    grep -qxE "$2" <<<"$said" || problem "$1: no line '$2' in: $said"
    ((SECONDS - begun < 30)) || problem "$1: it took $((SECONDS - begun)) s, though a minute was to be cut short"
}

problem() {
    echo "$*"
    problems=$((problems + 1))
}

expect "a failed case is named" "failed case: fails" "fails"
expect "so is one that throws" "failed case: throws" "throws"
expect "one that hangs is ended" "failed case: fails and does not end \(it has failed, .*\)" "fails and does not end"
expect "what failed is told before that" "  CHECK\( 1 == 2 \)" "fails and does not end"

said=$("$cases" "passes") || problem "a good case fails: $said"
grep -q "failed case" <<<"$said" && problem "a good case is named as failed: $said"

echo "$problems problems"
((problems == 0))
