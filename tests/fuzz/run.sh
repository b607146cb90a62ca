#!/usr/bin/env bash
# tests/fuzz/run.sh [SECONDS] [TARGET...]: builds the fuzzers with clang 19 and runs all targets at the same time, each for
# SECONDS of a core. Without SECONDS it runs for twenty, always from the same seed, so that a failure is due to a change. With
# SECONDS the seed is random.
#
# Prints a line for each target: executions, edges covered, inputs in the corpus, crashes. New inputs are kept in
# build/fuzz/corpus/TARGET for the next run. An input that crashes is kept in build/fuzz/crashes/TARGET. After the fix it
# belongs in tests/fuzz/regressions/TARGET. Fails if anything crashed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=20 seed=1
[[ ${1:-} =~ ^[0-9]+$ ]] && { seconds=$1 seed=0; shift; }
targets=("$@")
(($#)) || targets=(hello gate dispatcher handshake records blob config)

cmake --preset asan >/dev/null
cmake --build --preset fuzz

run() {
    local target=$1 build=build/fuzz seeds=()
    local corpus=$build/corpus/$target crashes=$build/crashes/$target log=$build/$target.log
    mkdir -p "$corpus" "$crashes"
    for folder in "tests/fuzz/corpus/$target" "tests/fuzz/regressions/$target"; do
        [[ -d $folder ]] && seeds+=("$folder")
    done
    local failed=0
    "build/asan/tests/fuzz/fuzz_$target" -seed="$seed" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$crashes/" "$corpus" "${seeds[@]}" >"$log" 2>&1 || failed=1
    local executions edges
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(grep -o 'cov: [0-9]*' "$log" | tail -1)
    printf '%-12s %9s executions  edges %-6s corpus %-5s crashes %s\n' "$target" "${executions:-?}" \
        "${edges#cov: }" "$(find "$corpus" -type f | wc -l)" "$(find "$crashes" -type f | wc -l)"
    ((failed)) && tail -30 "$log"
    return "$failed"
}

# All targets run at the same time, so that no core is idle at the end. Shared cores make the run longer.
((${#targets[@]} <= $(nproc))) || seconds=$((seconds * ${#targets[@]} / $(nproc)))
failed=0
for target in "${targets[@]}"; do run "$target" & done
for target in "${targets[@]}"; do wait -n || failed=1; done
exit "$failed"
