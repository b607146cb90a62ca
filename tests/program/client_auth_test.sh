#!/usr/bin/env bash
# client_auth_test.sh QUIVIVE: tests required client certificates in combination with PSKs.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

key=00112233445566778899aabbccddeeff

main() {
    need_tools openssl
    make_certificate server
    echo "alice:$key" >keys.psk
    chmod 600 keys.psk
    local test
    for test in beside_psks_they_are_refused allowed_they_hold_for_the_others; do
        "$test"
        echo "$test: good"
    done
}

requiring() {  # LINES: further lines of [credentials]
    cat >server.toml <<TOML
listen = ["127.0.0.1:0"]
[credentials]
certificate = "server.pem"
key = "server.key"
client_auth = "require"
client_ca = "server.pem"
$1
TOML
}

# `quivive ARGUMENT...` must fail with 2, and print one line with the problem and the correct form.
refused() {  # ARGUMENT...
    local code=0
    without_leak_check timeout 20 "$program" "$@" >refused.out 2>refused.err </dev/null || code=$?
    [[ $code == 2 ]] || fail "exit code $code instead of 2: quivive $*" refused.err
    [[ ! -s refused.out && $(wc -l <refused.err) == 1 ]] ||
        fail "quivive $* does not print exactly one line on stderr" refused.out refused.err
    has_line '^quivive: error: server.toml:5:1: credentials.client_auth: is "require", but .*client_auth_with_psk = true$' \
        refused.err || fail "the error message of quivive $* does not state the reason" refused.err
}

talk() {  # ARGUMENT...: sends one message to be echoed; sets $status
    status=0
    echo hello | timeout --kill-after=5 60 "$program" client "$address" "$@" >client.out 2>client.err || status=$?
}

beside_psks_they_are_refused() {
    requiring 'psk_file = "keys.psk"'
    refused check server.toml
    refused echo --config server.toml
    requiring ''
    refused echo --config server.toml --psk-file keys.psk
    "$program" check server.toml >check.out 2>check.err || fail "check refuses the configuration without PSKs" check.err
}

allowed_they_hold_for_the_others() {
    requiring $'psk_file = "keys.psk"\nclient_auth_with_psk = true'
    "$program" check server.toml >check.out 2>check.err || fail "check refuses the configuration with a PSK file" check.err
    start_echo --config server.toml
    talk --psk "alice:$key"
    [[ $status == 0 && $(<client.out) == hello ]] || fail "the client received no echo" client.err server.err
    talk --insecure
    [[ $status != 0 ]] || fail "the server accepted a client without a certificate and without a PSK" client.err server.err
    stop_echo
}

main
