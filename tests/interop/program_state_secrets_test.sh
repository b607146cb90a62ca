#!/usr/bin/env bash
# program_state_secrets_test.sh QUIVIVE [NONCES]: after SIGHUP, sessions are sealed under the first secret of the new file, so
# that the next process imports them even if its file has that secret alone. NONCES is the nonce oracle to preload: with it, no
# two records of all processes may be sealed under one key and nonce.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/interop/program_state.sh
. "$here/program_state.sh"
need_tools openssl python3

old="the old secret, which is to go"
new="the new secret, which is to come"

main() {
    make_certificate server
    ask_oracle "${1:-}"
    printf '[cookies]\nsecret_file = "secret"\n[connection_ids]\nenabled = true\n' >server.toml
    secrets "$old"
    begin echo "$host:0" --config server.toml --threads 2
    join ours "$program" client "$address" --insecure
    all_hear "before"
    local reloads=0 file
    for file in "$old|$new" "$new|$old"; do
        IFS='|' read -ra lines <<<"$file"
        secrets "${lines[@]}"
        kill -HUP "$server"
        ((++reloads))
        wait_until 20 reloaded "$reloads" || fail "the server did not reload" server.err
        all_hear "reload $reloads"
    done
    end_server TERM
    expect_counter sessions_exported 1

    # A process with only the old secret imports nothing, and damages nothing.
    secrets "$old"
    begin echo "$address" --config server.toml --threads 2
    has_line '^took over' server.out && fail "the old secret still opens sessions" server.out
    end_server TERM

    secrets "$new"
    begin echo "$address" --config server.toml --threads 2
    has_line '^took over 1 sessions$' server.out || fail "the session was not imported" server.out server.err
    all_hear "after"
    leave_all
    end_server TERM
    expect_counter handshakes_started 0
    no_blobs_left
    no_nonce_came_twice
    echo "good"
}

secrets() { printf '%s\n' "$@" >secret; }

reloaded() { (($(grep -c ': reloaded' server.err) >= $1)); }  # TIMES

main "$@"
