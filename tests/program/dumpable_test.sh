#!/usr/bin/env bash
# dumpable_test.sh QUIVIVE: tests which user may read the memory of a process with keys. /proc/PID/mem belongs to root while
# the process is not dumpable (proc(5)). The test therefore runs the process as a user other than root.
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

# Runs the program as `nobody` if the test runs as root.
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
    owner_is 0 || fail "the process is dumpable" server.err
    stop_echo
}

dumpable_when_said() {
    configure 'dumpable = true'
    start_echo --config server.toml
    owner_is "$user" || fail "the process is not dumpable" server.err
    stop_echo
}

a_reload_changes_it() {
    configure 'dumpable = true'
    start_echo --config server.toml
    configure
    kill -HUP "$server"
    wait_until 20 owner_is 0 || fail "the process is still dumpable after the reload" server.err
    stop_echo
}

main
