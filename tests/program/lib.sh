# shellcheck shell=bash
# Sourced by the scripts here and by tests/interop/program_*_test.sh: starts and stops `quivive echo`, and waits for
# conditions. Sets $work, the test's own folder, and changes to it. Ends the processes that it has started when the test ends.

export LC_ALL=C.UTF-8  # otherwise "─+" in a pattern matches a single such character of the sequence diagram

program=$(realpath "$1")
shift
[[ -x $program ]] || { echo "'$program' is not an executable program" >&2; exit 1; }

umask 077  # a file of keys that others may read is refused

started=()  # processes to end
work=$(mktemp -d "${TMPDIR:-/tmp}/quivive-test.XXXXXX")
cd "$work" || exit 1
trap end_test EXIT
mkfifo silence && exec {silence}<>silence  # a pipe without data: a read from it waits without a new process

end_test() {
    local pid
    for pid in "${started[@]}"; do kill -KILL "$pid" 2>/dev/null; done
    rm -rf "$work"
}

fail() {  # WHY [LOG...]
    echo "FAILED: $1" >&2
    local log
    for log in "${@:2}"; do
        echo "--- $log" >&2
        tail -n 60 "$log" >&2
    done
    exit 1
}

# Runs a short process without a leak check, which would take half of its time.
without_leak_check() { ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 "$@"; }

need_tools() {
    local tool
    for tool; do
        command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
    done
}

# Checks the condition every 50 ms. If the server ends meanwhile, waits at most three more seconds.
wait_until() {  # SECONDS COMMAND...
    local tries=$(($1 * 20)) watched=
    shift
    [[ -n ${server:-} ]] && ! has_ended "$server" && watched=$server
    until "$@"; do
        if [[ -n $watched ]] && has_ended "$watched"; then
            watched=''
            ((tries <= 60)) || tries=60
        fi
        ((tries-- > 0)) || return 1
        read -rt 0.05 -u "$silence" || true
    done
}

# Starts `quivive echo ARGUMENT...`. Sets $server, and $address and $port of the first --listen. Its output: server.out,
# server.err.
start_echo() {
    : >server.out  # it may have the output of an earlier server
    "$program" echo "$@" >server.out 2>server.err &
    server=$!
    started+=("$server")
    wait_until 20 announced || fail "no 'listening on' within 20 s" server.out server.err
    address=${BASH_REMATCH[1]}
    export port=${address##*:}
}

announced() {
    kill -0 "$server" 2>/dev/null || fail "the server has ended" server.out server.err
    has_line '^listening on (.*)' server.out
}

# Stops the server as an operator does, and checks its exit status and its counters.
stop_echo() { stop_echo_by INT; }

stop_echo_by() {  # SIGNAL
    kill -"$1" "$server"
    wait_until 30 has_ended "$server" || fail "the server does not end after the signal" server.out server.err
    local status=0
    wait "$server" || status=$?
    ((status == 0)) || fail "the server ended with $status" server.out server.err
    counters_balance
}

# Gets /metrics of the running server into the file metrics.
scrape() {
    exec 4<>"/dev/tcp/127.0.0.1/$(metrics_port)" || fail "the metrics address accepts no connection" server.out server.err
    printf 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&4
    timeout 20 cat <&4 | tr -d '\r' >metrics
    exec 4>&-
    has_line '^HTTP/1.1 200' metrics || fail "the response to GET /metrics is not 200" metrics
}

metrics_port() { sed -n 's/^metrics on .*://p' server.out; }

has_ended() { ! kill -0 "$1" 2>/dev/null; }

counters_balance() {
    local number='([0-9]+)'
    has_line "^received $number = delivered $number \\+ answered $number \\+ dropped $number\$" server.out ||
        fail "the output of the server has no line with the balance of datagrams" server.out server.err
    ((BASH_REMATCH[1] == BASH_REMATCH[2] + BASH_REMATCH[3] + BASH_REMATCH[4])) || fail "the counters do not balance" server.out
}

counter() {  # NAME: sets $value; 0 for a reason that is not listed
    local line
    value=0
    while IFS= read -r line; do [[ $line == "$1 "* ]] && value=${line#"$1 "}; done <server.out
}

expect_counter() {  # NAME NUMBER
    counter "$1"
    [[ $value == "$2" ]] || fail "$1 is $value, expected $2" server.out server.err
}

expect_at_least() {  # NUMBER NAME
    counter "$2"
    ((value >= $1)) || fail "$2 is $value, expected at least $1" server.out server.err
}

# Stores the matches of the pattern's groups in BASH_REMATCH. Does not start grep, since conditions are checked very often and
# new processes are the main cost of a script.
has_line() {  # PATTERN FILE
    local line
    [[ -r $2 ]] || return 1
    while IFS= read -r line || [[ -n $line ]]; do [[ $line =~ $1 ]] && return; done <"$2"
    return 1
}

# The server's log must have a line with PATTERN. Waits for the line, since another thread writes it.
logged() { wait_until 20 has_line "$1" server.err || fail "the log has no line with '$1'" server.err; }

make_certificate() {  # NAME [COMMON NAME]: NAME.pem and NAME.key, P-256
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=${2:-localhost}" \
        -addext "subjectAltName=DNS:${2:-localhost}" -keyout "$1.key" -out "$1.pem" 2>openssl.err ||
        fail "openssl did not create a certificate" openssl.err
}

# Replaces the shell with COMMAND, with line-buffered output and a limit of one minute. The quivive program needs no stdbuf: it
# writes whole lines, and the library that stdbuf preloads would be loaded before a sanitizer's runtime.
run_client() {  # COMMAND...
    [[ $1 == "$program" ]] || set -- stdbuf -oL "$@"
    exec timeout --kill-after=5 60 "$@"
}
