#!/usr/bin/env bash
# tests/run.sh [all | PRESET...]: installs missing packages, then builds and tests each preset of CMakePresets.json.
#
# Without arguments it runs `quick`: the tests of behaviour, of the program, with other clients and of the package, each once.
# `all` runs every check, as CI does: `cppcheck` and `stand-alone` (static checks of the source), `thorough` (the server,
# tests of the tests, both cookie builds, benchmarks), `asan` (all tests that run quivive code, under the address and undefined
# behaviour sanitizers), `tsan` (all tests with threads, under the thread sanitizer), `fuzz` (each fuzzer for 20 s) and
# `debian13` (a short form of tests/debian13/run.sh, if its root exists). Two more parts are not presets alone: `coverage`
# prints the lines that no test runs, and `checks` is cppcheck, stand-alone and clang-tidy, which takes half an hour.
#
# With QUIVIVE_LABELS set, only tests with a matching label run (tests/README.md has the table).
# Ends with ctest's own summary of each part and its seconds, failed parts last. Fails if any part failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=src/cmake/debian_packages.sh
. src/cmake/debian_packages.sh

usage() { sed -n '2,/^set /{s/^# \{0,1\}//p}' tests/run.sh; }
presets=("$@")
(($#)) || presets=(quick)
[[ $* == all ]] && presets=(cppcheck stand-alone thorough asan fuzz tsan debian13)
for preset in "${presets[@]}"; do
    case $preset in
        -h | --help) usage; exit ;;
        cppcheck | stand-alone | checks | fuzz | debian13) ;;
        *)
            grep -qF "\"configurePreset\": \"$preset\"" CMakePresets.json && continue
            echo "tests/run.sh: no preset '$preset'; --help lists them" >&2
            exit 2
            ;;
    esac
done
jobs=$(nproc)
tests=$((3 * jobs))  # many tests mostly wait

packages=("${quivive_packages[@]}" "${quivive_program_packages[@]}" "${quivive_test_packages[@]}")
for preset in "${presets[@]}"; do
    case $preset in
        clang | asan | tsan | fuzz) packages+=(clang-19 libclang-rt-19-dev) ;;
        cppcheck | stand-alone) packages+=(clang-19 cppcheck) ;;
        checks) packages+=(clang-19 cppcheck clang-tidy-19) ;;
        coverage) packages+=(gcovr) ;;
    esac
done
need_packages "${packages[@]}"
need_mended_gnutls

# Puts the system's programs first: a version manager's python3 may take half a second to start.
[[ -n ${QUIVIVE_NO_INSTALL:-} ]] || PATH=/usr/bin:$PATH

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# clang allocates hundreds of megabytes with malloc; large pages make it faster by a tenth.
with_large_pages() { GLIBC_TUNABLES=glibc.malloc.hugetlb=1 "$@"; }

build_and_test() {
    cmake --preset "$1" && with_large_pages cmake --build --preset "$1" --parallel "$jobs" || return
    printf '== %s: built in %d s\n' "$1" $((SECONDS - begun))
    ctest --preset "$1" --parallel "$tests" ${QUIVIVE_LABELS:+-L "$QUIVIVE_LABELS"}
}

run() {
    local begun=$SECONDS
    case $1 in
        fuzz) tests/fuzz/run.sh ;;  # 20 s for each target; quick and asan run its seeds and regressions
        checks) with_large_pages tests/checks/run.sh ;;
        cppcheck | stand-alone) with_large_pages tests/checks/run.sh "$1" ;;
        debian13) tests/debian13/run.sh --if-cached ;;
        coverage)  # printed even when a test has failed
            local result=0
            build_and_test coverage || result=1
            tests/checks/coverage.py build/coverage || result=1
            return "$result"
            ;;
        *) build_and_test "$1" ;;
    esac
}

passed=() failed=()
declare -A seconds
for preset in "${presets[@]}"; do
    echo "== $preset"
    begun=$SECONDS
    if (run "$preset") 2>&1 | tee "$logs/$preset"; then passed+=("$preset"); else failed+=("$preset"); fi
    seconds[$preset]=$((SECONDS - begun))
done

# Prints ctest's output from "100% tests passed, 0 tests failed out of 321" on. For coverage, does not repeat each line.
for preset in "${passed[@]}" "${failed[@]}"; do
    printf '\n== %s: %d s\n' "$preset" "${seconds[$preset]}"
    case $preset in
        fuzz) wanted='/ executions /p' ;;
        checks | cppcheck | stand-alone) wanted='/^checks: /p' ;;
        debian13) wanted='/^debian13: /p; /% tests passed/,$p' ;;
        coverage) wanted='/% tests passed/p; /(Failed)$/p; /^coverage: /p' ;;
        *) wanted='s/^== [a-z0-9-]*: built/built/p; /^failed case: /p; /% tests passed/,$p' ;;
    esac
    sed -n "$wanted" "$logs/$preset" 2>/dev/null | grep . || echo "no tests ran: see above"
done
((${#failed[@]} == 0))
