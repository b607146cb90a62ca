#!/usr/bin/env bash
# program_state_test.sh QUIVIVE clients|threads|forward|attached|blobs|failure: a server with --state stops and starts again,
# and those who are connected go on without a new handshake. What it leaves in the folder is for its owner alone, and
# taken once: a copy that is put back is refused, and so is one with a changed byte.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
need_tools openssl gnutls-cli python3

# Nobody else is here who could be given the port while the server is away.
host=127.0.4.$((1 + RANDOM % 250))

clients=()  # their names; NAME.out is what they say
# The descriptor of each one's stdin, and its process. Bash gives out descriptors from 10 on.
declare -A in_of=([ours]=6 [openssl]=7 [gnutls]=8) pid_of

main() {
    make_certificate server
    case $1 in
        clients) they_go_on 1 ;;
        threads) they_go_on 3 ;;
        forward) forward_keeps_them_too ;;
        attached) attached_sessions_are_closed ;;
        blobs) blobs_are_taken_once ;;
        failure) a_start_that_fails_uses_up_nothing ;;
        *) fail "no test '$1'" ;;
    esac
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
        has_line '^took over 3 sessions$' server.out || fail "not three sessions" server.out server.err
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
    begin forward "$address" --to "127.0.0.1:$backend"  # where a rule listens is the name of its folder
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

# GnuTLS cannot give its sessions away: these end as without --state.
attached_sessions_are_closed() {
    begin echo "$host:0" --record-layer attached
    join ours "$program" client "$address" --insecure
    join openssl openssl s_client -dtls1_2 -connect "$address" -timeout
    all_hear "before"
    end_server TERM
    expect_counter sessions_exported 0
    expect_counter sessions_closed 2
    no_blobs_left
    # Both are still asked for lines, and end because of a close_notify.
    wait_until 20 ended "${pid_of[ours]}" || fail "our client was not told" ours.out server.out
    has_line 'the server ended the session' ours.out || fail "our client ended otherwise" ours.out
    wait_until 20 ended "${pid_of[openssl]}" || fail "openssl was not told" openssl.out server.out
    has_line '^closed$' openssl.out || fail "openssl ended otherwise" openssl.out
    begin echo "$address" --record-layer attached
    has_line '^took over' server.out && fail "something was taken over" server.out
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

    # A changed byte: of it nothing is taken, whichever the byte is.
    local size at
    size=$(stat -c %s first)
    for at in 0 4 20 $((size / 2)) $((size - 1)); do
        change_byte first "$at" >"$blobs"
        begin echo "$address"
        has_line '^took over' server.out && fail "taken with byte $at changed" server.out
        # Byte 0 is of the length before the blob: there is no whole blob then.
        ((at == 0)) || logged 'warning: .*refused'
        end_server TERM
        expect_counter sessions_imported 0
        rm -f state/sessions.*  # what may be meant for who has another secret stays for a week
    done

    # As it was it is good, since nothing of it was taken.
    cp first "$blobs"
    begin echo "$address"
    has_line '^took over 1 sessions$' server.out || fail "not taken over" server.out server.err
    all_hear "after"
    end_server TERM
    expect_counter sessions_imported 1
    mv state/sessions.* second

    # Again it is not, alone or beside the newer one; and the session goes on with that.
    cp first state/sessions.0
    begin echo "$address"
    has_line '^took over' server.out && fail "taken twice" server.out
    logged 'warning: .*sessions\.0: refused 1 of 1 sessions: '
    end_server TERM
    expect_counter sessions_imported 0
    cp first state/sessions.0
    cp second state/sessions.1
    begin echo "$address"
    has_line '^took over 1 sessions$' server.out || fail "not taken over" server.out server.err
    logged 'warning: .*sessions\.0: refused 1 of 1 sessions: '
    all_hear "after all"
    leave_all
    end_server TERM
    expect_counter sessions_closed 1
    expect_counter handshakes_started 0
}

# Whatever goes wrong at a start does so before the sessions are taken.
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
    wait_until 20 has_line '^[0-9]+$' taken.out || fail "no port is taken" taken.out
    timeout --kill-after=5 20 "$program" echo --listen "$address" --cert server.pem --key server.key --state state \
        --metrics "127.0.0.1:$(<taken.out)" >failed.out 2>&1 6>&-
    local status=$?
    ((status != 0 && status < 124)) || fail "the metrics' port is not taken, exit $status" failed.out
    begin echo "$address"
    has_line '^took over 1 sessions$' server.out || fail "not taken over" server.out server.err failed.out
    all_hear "after"
    leave_all
    end_server TERM
    expect_counter handshakes_started 0
}

begin() {  # COMMAND ADDRESS:PORT OPTION...: what is to be started, with a state
    start_server "$program" "$1" --listen "$2" --cert server.pem --key server.key --state state "${@:3}" \
        6>&- 7>&- 8>&-
    address=$host:$port
}

end_server() {  # SIGNAL
    stop_server "$1"
    counters_balance
}

join_all() {
    join ours "$program" client "$address" --insecure
    join openssl openssl s_client -dtls1_2 -connect "$address" -timeout -CAfile server.pem -verify_return_error
    join gnutls gnutls-cli --udp --port "$port" --x509cafile server.pem --verify-hostname localhost "$host"
}

join() {  # NAME COMMAND...
    mkfifo "$1.in"
    run_client "${@:2}" <"$1.in" >"$1.out" 2>&1 6>&- 7>&- 8>&- &
    pid_of[$1]=$!
    started+=($!)
    eval "exec ${in_of[$1]}>$1.in"
    clients+=("$1")
}

all_hear() {  # LINE
    local name
    for name in "${clients[@]}"; do echo "$1" >&"${in_of[$name]}"; done
    for name in "${clients[@]}"; do
        wait_until 20 has_line "^$1\$" "$name.out" || fail "$name: '$1' does not come back" "$name.out" server.err
    done
}

leave_all() {
    local name
    for name in "${clients[@]}"; do
        eval "exec ${in_of[$name]}>&-"
        wait "${pid_of[$name]}" || fail "$name ended with $?" "$name.out" server.err
    done
}

start_backend() {
    python3 -B -c 'import socket, threading
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
def echo():
    while True:
        s.sendto(*s.recvfrom(65536))
threading.Thread(target=echo, daemon=True).start()
threading.Event().wait(60)' >backend.out 2>&1 &
    started+=($!)
    wait_until 20 has_line '^[0-9]+$' backend.out || fail "no back end" backend.out
    backend=$(<backend.out)
}

expect_mode() {  # MODE FILE
    [[ $(stat -c %a "$2") == "$1" ]] || fail "the mode of $2 is $(stat -c %a "$2"), expected $1"
}

no_blobs_left() {
    local left
    left=$(find state -name 'sessions.*')
    [[ -z $left ]] || fail "still there: $left"
}

change_byte() {  # FILE AT
    python3 -c 'import sys
content = bytearray(open(sys.argv[1], "rb").read())
content[int(sys.argv[2])] ^= 1
sys.stdout.buffer.write(content)' "$1" "$2"
}

main "$1"
