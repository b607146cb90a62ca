#!/usr/bin/env bash
# program_state_folder_test.sh QUIVIVE copies|removed|descriptors|killed [NONCES]: exported sessions are valid in one folder of
# --state only. A server with a copy of the folder imports no session, whatever the secret. The server makes a removed folder
# again. An export that fails, or whose process is killed, leaves a complete export or none. NONCES is the nonce oracle to
# preload: with it, no two records of all processes may be sealed under one key and nonce.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/interop/program_state.sh
. "$here/program_state.sh"
need_tools openssl python3 prlimit

main() {
    make_certificate server
    ask_oracle "${2:-}"
    case $1 in
        copies) a_copy_of_the_folder_takes_nothing ;;
        removed) a_folder_that_is_removed_is_made_again ;;
        descriptors) an_export_without_descriptors_is_none_for_anybody ;;
        killed) a_server_is_killed_while_it_exports ;;
        *) fail "no test '$1'" ;;
    esac
    no_nonce_came_twice
    echo "$1: good"
}

a_copy_of_the_folder_takes_nothing() {
    echo "a secret that both of them have" >secret
    chmod 600 secret
    printf '[cookies]\nsecret_file = "secret"\n' >secret.toml
    local options
    for options in "" "--config secret.toml"; do
        # shellcheck disable=SC2086  # no argument, or two
        begin echo "$host:0" $options
        clients=()
        join ours "$program" client "$address" --insecure
        all_hear "before $options"
        end_server TERM
        expect_counter sessions_exported 1
        cp -a state copy
        mv state moved
        cp -a copy state
        # shellcheck disable=SC2086
        begin echo "$address" $options
        has_line '^took over' server.out && fail "a server imported sessions from a copy of the folder" server.out
        logged 'warning: .*refused 1 of 1 sessions: .*not a copy'
        end_server TERM
        # Restores the folder at its old path, where it often gets the same inode number.
        rm -rf state
        cp -a copy state
        # shellcheck disable=SC2086
        begin echo "$address" $options
        has_line '^took over' server.out && fail "a server imported sessions from a restored folder" server.out
        end_server TERM
        rm -rf state
        mv moved state
        # shellcheck disable=SC2086
        begin echo "$address" $options
        has_line '^took over 1 sessions$' server.out || fail "no import from the original folder" server.out server.err
        all_hear "after $options"
        leave_all
        end_server TERM
        rm -rf state copy ours.in
    done
}

a_folder_that_is_removed_is_made_again() {
    echo 'mtu = 1300' >server.toml
    begin echo "$host:0" --config server.toml
    join ours "$program" client "$address" --insecure
    all_hear "before"
    rm -rf state
    kill -HUP "$server"
    logged 'warning: state: .*state: was removed or replaced while the server ran'
    expect_mode 600 state/id
    rm -rf state
    end_server TERM
    expect_counter sessions_exported 1
    begin echo "$address"
    has_line '^took over 1 sessions$' server.out || fail "the session was not imported" server.out server.err
    all_hear "after"
    leave_all
    end_server TERM
    expect_counter handshakes_started 0
}

# Begins with the minimum of descriptors that the program runs with, and adds one each time. Either the session ends with a
# close_notify, or the next process imports it; never both or neither.
an_export_without_descriptors_is_none_for_anybody() {
    local limit more failed=0
    for ((limit = 8; limit < 60; ++limit)); do
        runs_with "$limit" && break
    done
    for more in 0 1 2 3 4; do
        rm -rf state
        # Makes the folder first, so that only the export lacks descriptors.
        begin echo "$host:0"
        end_server TERM
        start_server "${oracle[@]}" prlimit "--nofile=$((limit + more))" "$program" echo --listen "$address" \
            --cert server.pem --key server.key --state state 6>&- 7>&- 8>&-
        clients=()
        rm -f ours.in
        join ours "$program" client "$address" --insecure
        all_hear "before $more"
        end_server TERM
        counter sessions_exported
        local exported=$value
        begin echo "$address"
        if ((exported == 0)); then
            ((++failed))
            has_line '^took over' server.out && fail "a session that was not exported was imported" server.out
            wait_until 20 ended "${pid_of[ours]}" || fail "the client got no close_notify" ours.out server.out
            exec 6>&-
        else
            has_line '^took over 1 sessions$' server.out || fail "the session was not imported" server.out server.err
            all_hear "after"
            leave_all
        fi
        end_server TERM
    done
    ((failed > 0)) || fail "no export has failed"
    ((failed < 5)) || fail "no export has succeeded"
}

# Kills the server at different times. The next process continues the session, or has no trace of it. Each round
# starts a new client.
a_server_is_killed_while_it_exports() {
    local wait went_on=0
    begin echo "$host:0"
    for wait in 0 0.005 0.01 0.015 0.02 0.03 0.05 0.2; do
        clients=()
        rm -f ours.in
        join ours "$program" client "$address" --insecure
        all_hear "before $wait"
        kill -TERM "$server"
        read -rt "$wait" -u "$silence" || true
        kill -KILL "$server" 2>>killed.err
        wait "$server" 2>>killed.err
        begin echo "$address"
        if has_line '^took over 1 sessions$' server.out; then
            ((++went_on))
            all_hear "after $wait"
        fi
        exec 6>&-
    done
    echo "$went_on of 8 sessions were imported"
    end_server TERM
}

runs_with() {  # DESCRIPTORS
    "${oracle[@]}" prlimit "--nofile=$1" "$program" echo --listen "$host:0" --cert server.pem --key server.key --state state >tried.out \
        2>&1 6>&- 7>&- 8>&- &
    local tried=$!
    started+=("$tried")
    wait_until 20 said_or_ended "$tried" || fail "the server neither listens nor ends within 20 s" tried.out
    kill -TERM "$tried" 2>/dev/null
    wait "$tried"
    has_line '^listening on' tried.out
}

said_or_ended() { has_line '^listening on' tried.out || has_ended "$1"; }  # PROCESS

main "$@"
