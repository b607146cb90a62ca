#!/usr/bin/env bash
# dumpable_test.sh QUIVIVE: tests who may read the memory of a process with keys. /proc/PID/mem belongs to root while the
# process may not be dumped (proc(5)). This shows only if a user other than root runs the process.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
    run_as_a_user
    local test
    for test in not_dumpable_by_default dumpable_when_said a_reload_changes_it; do
        "$test"
        echo "$test: good"
    done
}

# If the test runs as root, runs the program as `nobody`.
run_as_a_user() {
    user=$(id -u)
    ((user == 0)) || return 0
    need_tools setpriv
    umask 022  # the user must read the files of this test
    user=65534
    chmod 755 "$work"
    cp "$program" real-program
    chmod 755 real-program
    printf '#!/bin/sh\nexec setpriv --reuid=%d --regid=%d --clear-groups %s "$@"\n' "$user" "$user" "$work/real-program" >as-user
    chmod 755 as-user
    program=$work/as-user
}

configure() {  # LINE...
    printf '%s\n' 'listen = ["127.0.0.1:0"]' 'credentials.self_signed = true' "$@" >server.toml
}

owner_is() { [[ $(stat -c %u "/proc/$server/mem") == "$1" ]]; }

not_dumpable_by_default() {
    configure
    start_echo --config server.toml
    owner_is 0 || fail "the process may be dumped" server.err
    stop_echo
}

dumpable_when_said() {
    configure 'dumpable = true'
    start_echo --config server.toml
    owner_is "$user" || fail "the process may not be dumped" server.err
    stop_echo
}

a_reload_changes_it() {
    configure 'dumpable = true'
    start_echo --config server.toml
    configure
    kill -HUP "$server"
    wait_until 20 owner_is 0 || fail "the process may still be dumped" server.err
    stop_echo
}

main
