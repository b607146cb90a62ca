#!/usr/bin/env bash
# refused_test.sh never|always SERVER NM: tests a library that was built with QUIVIVE_COOKIES set. The excluded code is
# absent, and a server that requests it is refused with a message that tells the user what to do.
set -euo pipefail
choice=$1 server=$2 nm=$3

fail() {
    echo "cookies.$choice: $*" >&2
    exit 1
}

cookie_functions() { "$nm" --dynamic --undefined-only "$server" | grep -o 'gnutls_dtls_cookie_[a-z]*' | sort -u; }

must_refuse() {  # POLICY
    local said status=0
    said=$("$server" "$1") || status=$?
    echo "a server with cookies '$1': exit $status: $said"
    [[ $status == 2 ]] || fail "exit $status instead of 2"
    [[ $said == *QUIVIVE_COOKIES* ]] || fail "the message does not name QUIVIVE_COOKIES"
}

case $choice in
never)
    [[ -z $(cookie_functions) ]] || fail "the library still calls: $(cookie_functions | xargs)"
    must_refuse always
    "$server" never
    ;;
always)
    [[ $(cookie_functions | wc -l) == 2 ]] || fail "the library should call gnutls_dtls_cookie_send and _verify"
    must_refuse never
    "$server" always
    ;;
*) fail "the first argument is neither never nor always" ;;
esac
