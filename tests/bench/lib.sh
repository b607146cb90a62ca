# shellcheck shell=bash
# Sourced by run.sh and million.sh: builds the programs that they run.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=src/cmake/debian_packages.sh
. "$top/src/cmake/debian_packages.sh"
build=$top/build/bench

# A separate release build. Warnings are not errors here: a benchmark run is not a development build.
build_bench() {
    need_packages "${quivive_packages[@]}" "${quivive_program_packages[@]}" "${quivive_test_packages[@]}"
    need_mended_gnutls
    echo "Building into $build"
    mkdir -p "$top/build"
    {
        cmake --preset release -S "$top" -B "$build" -DQUIVIVE_BUILD_BENCH=ON -DQUIVIVE_BUILD_EXAMPLES=OFF \
            -DQUIVIVE_WARNINGS_AS_ERRORS=OFF &&
            cmake --build "$build" --parallel "$(nproc)" --target quivive-program bench_crowd bench_load bench_micro \
                bench_gnutls_peer bench_openssl_peer
    } >"$top/build/bench.log" 2>&1 || {
        tail -n 40 "$top/build/bench.log" >&2
        return 1
    }
}
