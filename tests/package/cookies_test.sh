#!/usr/bin/env bash
# cookies_test.sh never|always SOURCE SCRATCH COMPILER: builds the library with QUIVIVE_COOKIES set, and checks that what
# was left out is out, and that a server which asks for it is refused in words a user can act on. The scratch folder is
# kept: only the first run builds everything. -O0, since no speed is of interest. The presets cookies-never and
# cookies-always have all tests run so.
set -euo pipefail
choice=$1 source=$2 scratch=$3 compiler=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
    echo "cookies.$choice: $*" >&2
    exit 1
}

cmake -S "$source" -B "$scratch" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS=-O0 \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG= -DQUIVIVE_COOKIES="${choice^^}" \
    -DQUIVIVE_BUILD_TESTS=OFF -DQUIVIVE_BUILD_EXAMPLES=OFF -DQUIVIVE_BUILD_PROGRAM=OFF -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12
cmake --build "$scratch" --parallel 2
read -ra gnutls < <(pkg-config --libs gnutls)
"$compiler" -std=c++20 -I "$source/include" "$here/cookies/main.cpp" -o "$scratch/server" "$scratch/src/libquivive.a" \
    "${gnutls[@]}" -pthread

cookie_functions() { nm --undefined-only "$scratch/src/libquivive.a" 2>/dev/null | grep -o 'gnutls_dtls_cookie_.*' | sort -u; }

must_refuse() {  # POLICY
    local said status=0
    said=$("$scratch/server" "$1") || status=$?
    echo "a server with cookies '$1': exit $status: $said"
    [[ $status == 2 ]] || fail "exit $status instead of 2"
    [[ $said == *QUIVIVE_COOKIES* ]] || fail "the message does not name QUIVIVE_COOKIES"
}

case $choice in
never)
    [[ -z $(cookie_functions) ]] || fail "the library still calls: $(cookie_functions | xargs)"
    must_refuse always
    "$scratch/server" never
    ;;
always)
    [[ $(cookie_functions | wc -l) == 2 ]] || fail "the library should call gnutls_dtls_cookie_send and _verify"
    must_refuse never
    "$scratch/server" always
    ;;
*) fail "no such choice" ;;
esac
