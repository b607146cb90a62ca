#!/usr/bin/env bash
# echo_and_client_test.sh QUIVIVE: tests the two commands against each other as a user runs them: started, stopped, with wrong
# addresses and keys.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_tools openssl

main() {
    local test
    for test in known_by_pin known_by_authority known_by_psk wrong_keys_do_not_connect \
        lines_come_back_as_they_are too_long_a_line_is_told nobody_there \
        several_addresses address_in_use sigterm_and_a_second_signal open_sessions_are_told \
        idle_sessions_end stdout_may_go_away traces; do
        "$test"
        echo "$test: good"
    done
}

pin() { sed -n 's/^pin //p' server.out; }

# Runs `quivive client` with stdin from a file; sets $status. Its output: client.out, client.err.
talk() {  # STDIN ARGUMENT...
    printf '%b' "$1" >stdin
    shift
    status=0
    timeout --kill-after=5 60 "$program" client "$@" <stdin >client.out 2>client.err || status=$?
}

# Does the same with a pipe as stdin. It stays open as descriptor 3 until end_of_client, which sets $status.
start_client() {
    rm -f client.out client.err
    mkfifo lines
    timeout 60 "$program" client "$address" --insecure <lines >client.out 2>client.err &
    client=$!
    started+=("$client")
    exec 3>lines
    rm lines
}

end_of_client() {
    status=0
    wait "$client" || status=$?
    exec 3>&-
}

expect_answer() {  # TEXT: the exact output
    [[ $status == 0 ]] || fail "the client ended with $status" client.err server.err
    printf '%b' "$1" | cmp -s - client.out || fail "the client printed another answer than '$1'" client.out client.err
    [[ ! -s client.err ]] || fail "the client printed an error" client.err
}

expect_failure() {  # STATUS TEXT
    [[ $status == "$1" ]] || fail "the client ended with $status instead of $1" client.err
    [[ $(wc -l <client.err) == 1 ]] || fail "stderr does not contain exactly one line" client.err
    has_line "^quivive: error: .*$2" client.err || fail "stderr does not contain '$2'" client.err
}

known_by_pin() {
    start_echo --listen 127.0.0.1:0
    [[ $(pin) == sha256:* ]] || fail "the server prints no certificate pin" server.out
    talk 'one\n' "$address" --pin "$(pin)"
    expect_answer 'one\n'
    talk 'two\n' "$address" --insecure
    expect_answer 'two\n'
    stop_echo
    expect_counter handshakes_completed 2
    expect_counter sessions_closed 2
    expect_counter echo_too_large 0
    expect_counter handler_exceptions 0
}

known_by_authority() {
    make_certificate server example.org
    start_echo --listen '[::1]:0' --cert server.pem --key server.key
    talk 'one\n' "$address" --ca server.pem --server-name example.org
    expect_answer 'one\n'
    talk 'two\n' "$address" --ca server.pem --server-name example.net
    expect_failure 1 'cannot connect'
    make_certificate other
    talk 'three\n' "$address" --ca other.pem --server-name example.org
    expect_failure 1 'cannot connect'
    stop_echo
    expect_counter messages_received 1
}

known_by_psk() {
    printf '# keys\nsensor:7:00112233445566778899aabbccddeeff\n' >psk
    start_echo --listen 127.0.0.1:0 --psk-file psk
    [[ -z $(pin) ]] || fail "the server prints a certificate pin without a certificate" server.out
    talk 'one\n' "$address" --psk sensor:7:00112233445566778899aabbccddeeff
    expect_answer 'one\n'
    stop_echo
}

wrong_keys_do_not_connect() {
    printf 'sensor:00112233445566778899aabbccddeeff\n' >psk
    start_echo --listen 127.0.0.1:0 --psk-file psk
    talk '' "$address" --timeout 1.5 --psk sensor:ffffffffffffffffffffffffffffffff
    expect_failure 1 "cannot connect to $address"
    talk '' "$address" --timeout 1.5 --psk nobody:00112233445566778899aabbccddeeff
    expect_failure 1 "cannot connect to $address"
    stop_echo
    expect_counter handshakes_completed 0

    start_echo --listen 127.0.0.1:0
    talk '' "$address" --pin sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    expect_failure 1 "cannot connect to $address"
    stop_echo
}

lines_come_back_as_they_are() {
    start_echo --listen 127.0.0.1:0 --threads 2 --handshake-threads 2
    talk 'spaces  and\ttabs \n\x01\xff\xfe\nno end' "$address" --insecure
    expect_answer 'spaces  and\ttabs \n\x01\xff\xfe\nno end\n'
    talk '' "$address" --insecure
    expect_answer ''

    # Answers arrive while stdin is open.
    start_client
    echo one >&3
    wait_until 20 has_line '^one$' client.out || fail "the client printed no answer while stdin was open" client.err server.err
    kill -INT "$client"
    end_of_client
    expect_answer 'one\n'
    stop_echo
}

too_long_a_line_is_told() {
    start_echo --listen 127.0.0.1:0
    talk "one\n$(head -c 3000 /dev/zero | tr '\0' x)\nthree\n" "$address" --insecure
    expect_failure 1 'line 2 is longer than the 1[0-9]{3} bytes'
    printf 'one\nthree\n' | cmp -s - client.out || fail "the client did not receive the other lines" client.out
    stop_echo
}

nobody_there() {
    start_echo --listen 127.0.0.1:0
    stop_echo
    talk 'one\n' "$address" --insecure --timeout 1
    expect_failure 1 "cannot connect to $address: "
}

several_addresses() {
    start_echo --listen 127.0.0.1:0 --listen '[::1]:0'
    [[ $(grep -c '^listening on ' server.out) == 2 ]] || fail "the server does not listen on exactly two addresses" server.out
    local at
    while read -r at; do
        talk 'here\n' "$at" --insecure
        expect_answer 'here\n'
    done < <(sed -n 's/^listening on //p' server.out)
    stop_echo
    expect_counter handshakes_completed 2
}

address_in_use() {
    start_echo --listen 127.0.0.1:0
    local status=0
    timeout 20 "$program" echo --listen "$address" >second.out 2>second.err || status=$?
    [[ $status == 1 ]] || fail "the second server ended with $status instead of 1" second.err
    [[ $(wc -l <second.err) == 1 ]] || fail "stderr does not contain exactly one line" second.err
    has_line "^quivive: error: .*$address.*[Aa]ddress already in use" second.err ||
        fail "the message does not name the address and the reason" second.err
    stop_echo
}

sigterm_and_a_second_signal() {
    start_echo --listen 127.0.0.1:0
    stop_echo_by TERM
    start_echo --listen 127.0.0.1:0
    kill -INT "$server"
    stop_echo_by TERM
}

# With an open session, the server waits for its deadline, a second, and then closes the session.
open_sessions_are_told() {
    start_echo --listen 127.0.0.1:0
    start_client
    echo one >&3
    wait_until 20 has_line '^one$' client.out || fail "the client received no echo" client.err server.err
    stop_echo
    end_of_client
    expect_failure 1 'the server ended the session'
    expect_counter sessions_closed 1
}

idle_sessions_end() {
    start_echo --listen 127.0.0.1:0 --idle-timeout 0.2
    start_client
    end_of_client
    expect_failure 1 'the server ended the session'
    stop_echo
    expect_counter sessions_idled_out 1
}

stdout_may_go_away() {
    mkfifo pipe
    "$program" echo --listen 127.0.0.1:0 --trace >pipe 2>server.err &
    server=$!
    started+=("$server")
    exec 4<pipe
    local line
    while read -ru 4 line && [[ $line != 'listening on '* ]]; do :; done
    address=${line#listening on }
    exec 4<&-
    rm pipe
    talk 'one\n' "$address" --insecure
    expect_answer 'one\n'
    kill -INT "$server"
    status=0
    wait "$server" || status=$?
    [[ $status == 0 ]] || fail "the server ended with $status" server.err
}

traces() {
    start_echo --listen 127.0.0.1:0 --trace -vv
    talk 'one\n' "$address" --insecure --trace
    [[ $status == 0 ]] || fail "the client ended with $status" client.err
    stop_echo
    local diagram
    for diagram in server.out client.err; do
        has_line "┌ client 127\.0\.0\.1:[0-9]+, server $address$" "$diagram" ||
            fail "the sequence diagram has no first line" "$diagram"
        has_line '│    0\.000 ms  ClientHello ─+▶ +[0-9]+ B$' "$diagram" ||
            fail "the sequence diagram shows no ClientHello" "$diagram"
        has_line '│ +[0-9.]+ ms  ◀─+ ServerHello.* +[0-9]+ B$' "$diagram" ||
            fail "the sequence diagram shows no ServerHello" "$diagram"
        has_line '├ +[0-9.]+ ms  established: ' "$diagram" || fail "the sequence diagram shows no established session" "$diagram"
    done
}

main
