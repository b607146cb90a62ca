#!/usr/bin/env bash
# tests/run.sh [PRESET...]: installs what is missing, then builds and tests each preset of CMakePresets.json.
#
# Without arguments: `cppcheck` (a look at the source), `quick` (all but the tests of the program and with other clients),
# `asan` (all that runs our code, under the address and undefined behaviour sanitizers), `tsan` (all that has threads, under
# the thread sanitizer) and `fuzz` (each fuzzer for half a minute). Ends with ctest's own summary of each preset, those with
# failures last, and fails if any did. Others that are more than presets: `coverage` tells which lines no test runs, and
# `checks` is cppcheck and clang-tidy, which takes half an hour.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=src/cmake/debian_packages.sh
. src/cmake/debian_packages.sh

presets=("$@")
(($#)) || presets=(cppcheck quick asan tsan fuzz)
jobs=$(nproc)
tests=$((2 * jobs))  # many of them wait more than they work

packages=(g++ binutils cmake ninja-build pkg-config python3 patch libgnutls28-dev libboost1.81-dev libtomlplusplus-dev catch2 libcli11-dev
    libspdlog-dev prometheus-cpp-dev libssl-dev openssl gnutls-bin libcoap3-bin tshark)
for preset in "${presets[@]}"; do
    case $preset in
        clang) packages+=(clang-19) ;;
        fuzz) packages+=(clang-19 libclang-rt-19-dev) ;;
        cppcheck) packages+=(cppcheck) ;;
        checks) packages+=(cppcheck clang-tidy-19) ;;
        coverage) packages+=(gcovr) ;;
    esac
done
need_packages "${packages[@]}"
need_mended_gnutls

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

build_and_test() {
    cmake --preset "$1" && cmake --build --preset "$1" --parallel "$jobs" && ctest --preset "$1" --parallel "$tests"
}

run() {
    case $1 in
        fuzz) tests/fuzz/run.sh ;;  # half a minute for each target; every other preset runs its seeds and regressions
        checks) tests/checks/run.sh ;;
        cppcheck) tests/checks/run.sh cppcheck ;;
        coverage)  # told also when a test has failed
            local result=0
            build_and_test coverage || result=1
            tests/checks/coverage.py build/coverage || result=1
            return "$result"
            ;;
        *) build_and_test "$1" ;;
    esac
}

passed=() failed=()
for preset in "${presets[@]}"; do
    echo "== $preset"
    if (run "$preset") 2>&1 | tee "$logs/$preset"; then passed+=("$preset"); else failed+=("$preset"); fi
done

# From "100% tests passed, 0 tests failed out of 321" to the end of ctest's output; of coverage not each line again.
for preset in "${passed[@]}" "${failed[@]}"; do
    printf '\n== %s\n' "$preset"
    case $preset in
        fuzz) wanted='/ executions /p' ;;
        checks | cppcheck) wanted='/^checks: /p' ;;
        coverage) wanted='/% tests passed/p; /(Failed)$/p; /^coverage: /p' ;;
        *) wanted="/% tests passed/,\$p" ;;
    esac
    sed -n "$wanted" "$logs/$preset" 2>/dev/null | grep . || echo "no tests ran: see above"
done
((${#failed[@]} == 0))
