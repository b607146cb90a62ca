#!/usr/bin/env bash
# tests/run.sh [PRESET...]: installs what is missing, then builds and tests each preset of CMakePresets.json.
#
# Without arguments: `dev` (everything) and `asan` (what runs our code, under the address and undefined behaviour
# sanitizers). Ends with ctest's own summary of each preset, those with failures last, and fails if any did.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=src/cmake/debian_packages.sh
. src/cmake/debian_packages.sh

presets=("$@")
(($#)) || presets=(dev asan)
jobs=$(nproc)
tests=$((2 * jobs))  # many of them wait more than they work

packages=(g++ binutils cmake ninja-build pkg-config python3 patch libgnutls28-dev libboost1.81-dev libtomlplusplus-dev catch2 libcli11-dev
    libspdlog-dev prometheus-cpp-dev libssl-dev openssl gnutls-bin libcoap3-bin tshark)
[[ " ${presets[*]} " == *" clang "* || " ${presets[*]} " == *" fuzz "* ]] && packages+=(clang-19)
[[ " ${presets[*]} " == *" fuzz "* ]] && packages+=(libclang-rt-19-dev)
need_packages "${packages[@]}"
need_mended_gnutls

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
passed=() failed=()
for preset in "${presets[@]}"; do
    echo "== $preset"
    if [[ $preset == fuzz ]]; then  # half a minute for each target; its seeds and regressions are run by every other preset
        if tests/fuzz/run.sh 30 2>&1 | tee "$logs/$preset"; then passed+=(fuzz); else failed+=(fuzz); fi
        continue
    fi
    if cmake --preset "$preset" && cmake --build --preset "$preset" --parallel "$jobs" &&
        ctest --preset "$preset" --parallel "$tests" 2>&1 | tee "$logs/$preset"; then
        passed+=("$preset")
    else
        failed+=("$preset")
    fi
done

# From "100% tests passed, 0 tests failed out of 321" to the end of ctest's output.
for preset in "${passed[@]}" "${failed[@]}"; do
    printf '\n== %s\n' "$preset"
    sed -n '/% tests passed/,$p; / executions /p' "$logs/$preset" 2>/dev/null | grep . || echo "no tests ran: see above"
done
((${#failed[@]} == 0))
