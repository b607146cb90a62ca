#!/usr/bin/env bash
# tests/checks/run.sh [TOOL [FILE...]]: runs static checks: `cppcheck`, `clang-tidy`, or `stand-alone`, which compiles each
# file alone to find missing includes. Without TOOL it runs all three.
#
# The checks cover all of src/ and include/, with the compile commands of build/checks, which is configured and never built.
# clang-tidy also accepts single source files. The script fails on any finding. False positives are listed with a reason: for
# cppcheck in cppcheck.txt, for clang-tidy at the line itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tools=(cppcheck stand-alone clang-tidy)
(($#)) && { tools=("$1"); shift; }
files=("$@")
((${#files[@]})) || mapfile -t files < <(find src -name '*.cpp' | sort)
build=build/checks

cppcheck=(cppcheck --quiet --template=gcc --error-exitcode=1 '--enable=warning,performance,portability,information')
clang_tidy=(clang-tidy-19 -p "$build" --quiet --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option)

check() {
    case $1 in
        cppcheck) "${cppcheck[@]}" --project="$build/compile_commands.json" -j "$(nproc)" \
            --suppressions-list=tests/checks/cppcheck.txt ;;
        stand-alone) python3 -B tests/layering/stand_alone.py . "$build/compile_commands.json" ;;
        clang-tidy) printf '%s\0' "${files[@]}" | xargs -0 -n1 -P "$(nproc)" "${clang_tidy[@]}" \
            2> >(grep -v 'warnings\? generated\|warnings treated as errors' >&2) ;;
        *) echo "no such tool: $1" >&2; return 2 ;;
    esac
}

# A tool that misses the fault of canary.cpp is misconfigured. tests/layering tests stand_alone.py itself.
check_canary() {
    case $1 in
        cppcheck) ! "${cppcheck[@]}" tests/checks/canary.cpp &>/dev/null ;;
        clang-tidy) ! "${clang_tidy[@]}" tests/checks/canary.cpp &>/dev/null ;;
        *) true ;;
    esac
}

cmake --preset checks >/dev/null
failed=0
for tool in "${tools[@]}"; do
    begun=$SECONDS
    result="nothing found"
    check "$tool" || result="FAILED"
    check_canary "$tool" || result="FAILED: it does not find the fault of canary.cpp"
    [[ $result == FAILED* ]] && failed=1
    printf 'checks: %-11s %s in %d s\n' "$tool" "$result" $((SECONDS - begun))
done
exit "$failed"
