#!/usr/bin/env bash
# program_state_test.sh QUIVIVE TEST [NONCES]: a server with --state stops and starts again, and its clients continue without a
# new handshake. Only the owner can read the exported sessions, and each is imported once: the server refuses a copy that is put
# back, and one with a changed byte. NONCES is the nonce oracle to preload: with it, no two records of all processes may be
# sealed under one key and nonce.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/interop/program_state.sh
. "$here/program_state.sh"
need_tools openssl gnutls-cli python3

main() {
    make_certificate server
    ask_oracle "${2:-}"
    case $1 in
        clients) they_go_on 1 ;;
        threads) they_go_on 3 ;;
        forward) forward_keeps_them_too ;;
        attached) attached_sessions_are_closed ;;
        blobs) blobs_are_taken_once ;;
        failure) a_start_that_fails_uses_up_nothing ;;
        *) fail "no test '$1'" ;;
    esac
    no_nonce_came_twice
    echo "$1: good"
}

they_go_on() {  # THREADS
    begin echo "$host:0" --threads "$1"
    join_all
    all_hear "before"
    local round
    for round in first second; do
        expect_mode 700 state
        expect_mode 600 state/key
        end_server TERM
        expect_counter sessions_exported 3
        expect_mode 600 state/sessions.*

        begin echo "$address" --threads "$1"
        has_line '^took over 3 sessions$' server.out || fail "the three sessions were not imported" server.out server.err
        no_blobs_left
        all_hear "after the $round"
    done
    leave_all
    end_server TERM
    expect_counter sessions_imported 3
    expect_counter sessions_exported 0
    expect_counter handshakes_started 0
    expect_counter sessions_closed 3
    no_blobs_left
}

forward_keeps_them_too() {
    start_backend
    begin forward "$host:0" --to "127.0.0.1:$backend"
    end_server TERM
    begin forward "$address" --to "127.0.0.1:$backend"  # the address of a rule names its folder
    join_all
    all_hear "before"
    end_server TERM
    expect_counter sessions_exported 3
    begin forward "$address" --to "127.0.0.1:$backend"
    all_hear "after"
    leave_all
    end_server TERM
    expect_counter sessions_imported 3
    expect_counter handshakes_started 0
}

# GnuTLS cannot export its sessions, so attached sessions close as without --state.
attached_sessions_are_closed() {
    begin echo "$host:0" --record-layer attached
    join ours "$program" client "$address" --insecure
    join openssl openssl s_client -dtls1_2 -connect "$address" -timeout
    all_hear "before"
    end_server TERM
    expect_counter sessions_exported 0
    expect_counter sessions_closed 2
    no_blobs_left
    # Both clients still wait for input, so only a close_notify can end them.
    wait_until 20 ended "${pid_of[ours]}" || fail "quivive client got no close_notify" ours.out server.out
    has_line 'the server ended the session' ours.out || fail "quivive client ended for another reason" ours.out
    wait_until 20 ended "${pid_of[openssl]}" || fail "openssl got no close_notify" openssl.out server.out
    has_line '^closed$' openssl.out || fail "openssl ended for another reason" openssl.out
    begin echo "$address" --record-layer attached
    has_line '^took over' server.out && fail "a session was imported" server.out
    end_server TERM
}

blobs_are_taken_once() {
    begin echo "$host:0"
    join ours "$program" client "$address" --insecure
    all_hear "before"
    end_server TERM
    local blobs
    blobs=$(echo state/sessions.*)
    cp "$blobs" first

    # A file with a changed byte is not imported, whichever the byte.
    local size at
    size=$(stat -c %s first)
    for at in 0 4 20 $((size / 2)) $((size - 1)); do
        change_byte first "$at" >"$blobs"
        begin echo "$address"
        has_line '^took over' server.out && fail "a file with byte $at changed was imported" server.out
        # Byte 0 is part of the length before the blob, so the file then contains no whole blob to refuse.
        ((at == 0)) || logged 'warning: .*refused'
        end_server TERM
        expect_counter sessions_imported 0
        rm -f state/sessions.*  # files that another secret may open stay for a week
    done

    # The unchanged file is still valid, since it was never imported.
    cp first "$blobs"
    begin echo "$address"
    has_line '^took over 1 sessions$' server.out || fail "the session was not imported" server.out server.err
    all_hear "after"
    end_server TERM
    expect_counter sessions_imported 1
    mv state/sessions.* second

    # A second import of the same file is refused, alone or beside the newer file. The newer file is imported.
    cp first state/sessions.0
    begin echo "$address"
    has_line '^took over' server.out && fail "a file was imported twice" server.out
    logged 'warning: .*sessions\.0: refused 1 of 1 sessions: '
    end_server TERM
    expect_counter sessions_imported 0
    cp first state/sessions.0
    cp second state/sessions.1
    begin echo "$address"
    has_line '^took over 1 sessions$' server.out || fail "the session was not imported" server.out server.err
    logged 'warning: .*sessions\.0: refused 1 of 1 sessions: '
    all_hear "after all"
    leave_all
    end_server TERM
    expect_counter sessions_closed 1
    expect_counter handshakes_started 0
}

# A start that fails does so before it imports sessions.
a_start_that_fails_uses_up_nothing() {
    begin echo "$host:0"
    join ours "$program" client "$address" --insecure
    all_hear "before"
    end_server TERM
    python3 -B -c 'import socket, threading
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
threading.Event().wait(60)' >taken.out 2>&1 6>&- &
    started+=($!)
    wait_until 20 has_line '^[0-9]+$' taken.out || fail "the helper occupies no port" taken.out
    timeout --kill-after=5 20 "${oracle[@]}" "$program" echo --listen "$address" --cert server.pem --key server.key --state state \
        --metrics "127.0.0.1:$(<taken.out)" >failed.out 2>&1 6>&-
    local status=$?
    ((status != 0 && status < 124)) || fail "the start did not fail at the occupied metrics port, exit $status" failed.out
    begin echo "$address"
    has_line '^took over 1 sessions$' server.out || fail "the session was not imported" server.out server.err failed.out
    all_hear "after"
    leave_all
    end_server TERM
    expect_counter handshakes_started 0
}

main "$@"
