#!/usr/bin/env bash
# cookies_test.sh never|always SOURCE SCRATCH COMPILER: builds the library and the program with QUIVIVE_COOKIES set, and
# checks that what was left out is out, and that a config which asks for it is refused in words a user can act on.
# The scratch folder is kept: only the first run builds everything. -O0, since no speed is of interest.
set -euo pipefail
choice=$1 source=$2 scratch=$3 compiler=$4

fail() {
    echo "cookies.$choice: $*" >&2
    exit 1
}

cmake -S "$source" -B "$scratch" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS=-O0 \
    -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG= -DQUIVIVE_COOKIES="${choice^^}" \
    -DQUIVIVE_BUILD_TESTS=OFF -DQUIVIVE_BUILD_EXAMPLES=OFF -DQUIVIVE_BUILD_PROGRAM=ON -DQUIVIVE_PRECOMPILED_HEADERS=ON
cmake --build "$scratch" --parallel 2

cookie_functions() { nm --undefined-only "$scratch/src/libquivive.a" 2>/dev/null | grep -o 'gnutls_dtls_cookie_.*' | sort -u; }

# Refused means: exit 2 at once, and on stderr the name of the build option that would have to change.
must_refuse() {
    local said status=0
    said=$(timeout 20 "$scratch/src/program/quivive" echo --listen 127.0.0.1:0 "$@" 2>&1 >/dev/null) || status=$?
    echo "quivive echo $*: exit $status: $said"
    [[ $status == 2 ]] || fail "exit $status instead of 2"
    [[ $said == *QUIVIVE_COOKIES* ]] || fail "the message does not name QUIVIVE_COOKIES"
}

case $choice in
never)
    [[ -z $(cookie_functions) ]] || fail "the library still calls: $(cookie_functions | xargs)"
    must_refuse --cookies always
    ;;
always)
    [[ $(cookie_functions | wc -l) == 2 ]] || fail "the library should call gnutls_dtls_cookie_send and _verify"
    must_refuse --cookies never --trust-all-networks
    ;;
*) fail "no such choice" ;;
esac
