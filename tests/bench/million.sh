#!/usr/bin/env bash
# tests/bench/million.sh [N]: opens N sessions (default 1 000 000) on one `quivive echo`, as fast as it accepts them, from
# addresses of 127/8. A time of silence follows, then an echo on each session. Prints the server's cost, and succeeds only if
# all sessions were opened and are alive at the end.
#
# million.sh N PROGRAM CROWD: does the same with existing programs. CTest runs it so.
set -euo pipefail
sessions=${1:-1000000}
psk=client:30313233343536373839616263646566
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/quivive-million.XXXXXX")
server=''

main() {
    local micro=''
    if (($# > 1)); then
        program=$2 crowd=$3
    else
        # shellcheck source=tests/bench/lib.sh
        . "$here/lib.sh"
        build_bench
        program=$build/src/program/quivive crowd=$build/tests/bench/crowd micro=$build/tests/bench/micro
    fi
    trap stop_all EXIT
    write_config
    start_server
    local status=0
    "$crowd" --to "127.0.0.1:$port" --pid "$server" --psk "$psk" --sessions "$sessions" || status=$?
    stop_server
    [[ -z $micro ]] || { echo; "$micro" --filter table/ --largest "$sessions"; }
    ((status == 0)) || fail "not all of $sessions sessions were opened and alive at the end"
}

# Sessions stay silent for an unlimited time, and many come from one source.
write_config() {
    (umask 077 && echo "$psk" >"$work/psk")
    cat >"$work/quivive.toml" <<EOF
listen = ["127.0.0.1:0"]

[credentials]
psk_file = "psk"

[limits]
max_sessions = $((sessions + 1000))
max_sessions_per_source = $((sessions + 1000))
max_half_open = 16384
max_half_open_per_source = 16384
handshake_timeout = "1m"
idle_timeout = "0s"
EOF
}

start_server() {
    : >"$work/out"  # may be read before the server has opened it
    "$program" echo --config "$work/quivive.toml" >"$work/out" 2>"$work/err" &
    server=$!
    # tail ends with the server.
    port=$(timeout 20 sed -n 's/^listening on 127\.0\.0\.1://p; t end; b; :end; q' \
        < <(exec tail --pid="$server" -n +1 -f "$work/out")) || true
    [[ -n $port ]] || fail "the server did not listen within 20 s"
}

stop_server() {
    kill -INT "$server" 2>/dev/null || fail "the server ended before the stop signal"
    timeout 120 tail --pid="$server" -f /dev/null || fail "the server did not end within 120 s"
    local status=0
    wait "$server" || status=$?
    server=''
    ((status == 0)) || fail "the server ended with $status"
    grep -E '^(received |handshakes_(started|completed|failed|timed_out) )' "$work/out" || true
}

fail() {
    echo "FAILED: $1" >&2
    tail -n 20 "$work/out" "$work/err" >&2
    exit 1
}

stop_all() {
    [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true
    rm -rf "$work"
}

main "$@"
