#!/usr/bin/env bash
# program_state_folder_test.sh QUIVIVE copies|removed|descriptors|killed [NONCES]: what was exported belongs to the one folder
# of --state: a copy of it takes no session, whatever the secret; one that is removed is made again; and an export that
# fails, or whose process is killed, leaves all of it there or nothing. With NONCES, the oracle to be preloaded, no two records of all processes may be
# sealed under one key and nonce.
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
        # shellcheck disable=SC2086  # none, or two
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
        has_line '^took over' server.out && fail "a copy takes sessions" server.out
        logged 'warning: .*refused 1 of 1 sessions: .*not a copy'
        end_server TERM
        # Restored where it was, and so often with its inode number.
        rm -rf state
        cp -a copy state
        # shellcheck disable=SC2086
        begin echo "$address" $options
        has_line '^took over' server.out && fail "what was restored takes sessions" server.out
        end_server TERM
        rm -rf state
        mv moved state
        # shellcheck disable=SC2086
        begin echo "$address" $options
        has_line '^took over 1 sessions$' server.out || fail "the folder itself takes none" server.out server.err
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
    has_line '^took over 1 sessions$' server.out || fail "not taken over" server.out server.err
    all_hear "after"
    leave_all
    end_server TERM
    expect_counter handshakes_started 0
}

# With one descriptor more each time, from as many as it can run with: its peers are told that it ends, or the next start
# goes on with them, and never both or neither.
an_export_without_descriptors_is_none_for_anybody() {
    local limit more failed=0
    for ((limit = 8; limit < 60; ++limit)); do
        runs_with "$limit" && break
    done
    for more in 0 1 2 3 4; do
        rm -rf state
        # Made before, so that only the export lacks what it needs.
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
            has_line '^took over' server.out && fail "what was not exported is taken over" server.out
            wait_until 20 ended "${pid_of[ours]}" || fail "the client was not told" ours.out server.out
            exec 6>&-
        else
            has_line '^took over 1 sessions$' server.out || fail "not taken over" server.out server.err
            all_hear "after"
            leave_all
        fi
        end_server TERM
    done
    ((failed > 0)) || fail "no export has failed"
    ((failed < 5)) || fail "no export has succeeded"
}

# At whatever moment: the next one goes on with the session, or knows nothing of it. The client of one that is lost begins
# anew.
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
    echo "$went_on of 8 went on"
    end_server TERM
}

runs_with() {  # DESCRIPTORS
    "${oracle[@]}" prlimit "--nofile=$1" "$program" echo --listen "$host:0" --cert server.pem --key server.key --state state >tried.out \
        2>&1 6>&- 7>&- 8>&- &
    local tried=$!
    started+=("$tried")
    wait_until 20 said_or_ended "$tried" || fail "neither runs nor ends" tried.out
    kill -TERM "$tried" 2>/dev/null
    wait "$tried"
    has_line '^listening on' tried.out
}

said_or_ended() { has_line '^listening on' tried.out || has_ended "$1"; }  # PROCESS

main "$@"
