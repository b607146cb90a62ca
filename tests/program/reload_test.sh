#!/usr/bin/env bash
# reload_test.sh QUIVIVE BUILD: SIGHUP reloads the file of --config. Its settings apply to new clients, sessions continue, and
# an invalid file changes nothing.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
build=$1  # QUIVIVE_COOKIES

main() {
    local test
    for test in nothing_to_reload rules_hold_at_once bad_file_changes_nothing gone_file_changes_nothing \
        files_that_it_names_count_too keys_change sessions_go_on unchangeable_is_named command_line_wins_again \
        log_level_follows_the_file warnings_come_again many_at_once hangup_before_it_serves \
        hangup_and_end; do
        "$test"
        echo "$test: good"
    done
}

# Writes server.toml: an address, and the lines of stdin.
config() { { echo 'listen = ["127.0.0.1:0"]'; cat; } >server.toml; }

drop_us() {
    config <<'TOML'
[[cookies.rule]]
networks = ["127.0.0.0/8"]
exchange = "drop"
TOML
}

# Sends SIGHUP and waits for one more line with PATTERN in the log.
hang_up() {  # PATTERN
    told "$1"
    kill -HUP "$server"
    wait_until 20 told_more "$1" "$lines" || fail "the log has no new line with '$1' after SIGHUP" server.err
}

told() {  # PATTERN: sets $lines
    local line
    lines=0
    while IFS= read -r line; do [[ $line =~ $1 ]] && lines=$((lines + 1)); done <server.err
}
told_more() {  # PATTERN BEFORE
    alive
    told "$1"
    ((lines > $2))
}
alive() { kill -0 "$server" || fail "the server has ended" server.err; }
reload() { hang_up ': reloaded server\.toml$'; }
refused() { hang_up 'error: .*server\.toml was not taken, nothing has changed'; }

# Sends one message to be echoed; sets $status.
talk() {  # ARGUMENT...
    status=0
    echo hello | timeout --kill-after=5 60 "$program" client "$address" "$@" >client.out 2>client.err || status=$?
}

gets_in() {  # [ARGUMENT...]
    talk "${@:---insecure}"
    [[ $status == 0 && $(<client.out) == hello ]] || fail "the client received no echo" client.err server.err
}

stays_out() {  # [ARGUMENT...]
    talk "${@:---insecure}" --timeout 1
    [[ $status == 1 ]] || fail "the server accepted a client that it should refuse" client.err server.err
}

nothing_to_reload() {
    start_echo --listen 127.0.0.1:0
    hang_up 'warning: .*SIGHUP.*--config'
    gets_in
    stop_echo
    expect_counter reloads 0
}

rules_hold_at_once() {
    config </dev/null
    start_echo --config server.toml
    gets_in
    drop_us
    reload
    stays_out
    config </dev/null
    reload
    gets_in
    stop_echo
    expect_counter reloads 2
    expect_counter handshakes_completed 2
    expect_at_least 1 dropped.refused_by_policy
}

bad_file_changes_nothing() {
    config </dev/null
    start_echo --config server.toml
    drop_us
    printf 'networks_ = 1\n[limits]\nidle_timeout = 30\n' >>server.toml
    refused
    logged 'error: server\.toml:5:1: .*networks_'
    logged 'error: server\.toml:7:16: limits\.idle_timeout'
    gets_in
    stop_echo
    expect_counter reloads 0
}

gone_file_changes_nothing() {
    config </dev/null
    start_echo --config server.toml
    rm server.toml
    refused
    gets_in
    config </dev/null
    reload
    stop_echo
    expect_counter reloads 1
}

files_that_it_names_count_too() {
    config </dev/null
    start_echo --config server.toml
    { cat server.toml; printf '[credentials]\npsk_file = "missing.psk"\n'; } >with_psk
    mv with_psk server.toml
    refused
    logged 'error: .*missing\.psk'
    gets_in
    stop_echo
    expect_counter reloads 0
}

keys_change() {
    printf 'sensor:00112233\n' >psk
    config <<<'credentials.psk_file = "psk"'
    start_echo --config server.toml
    gets_in --psk sensor:00112233
    printf 'sensor:44556677\n' >psk
    reload
    gets_in --psk sensor:44556677
    stays_out --psk sensor:00112233
    stop_echo
}

# Descriptor 3 keeps the client's stdin open.
sessions_go_on() {
    config </dev/null
    start_echo --config server.toml
    mkfifo lines
    timeout 60 "$program" client "$address" --insecure <lines >live.out 2>live.err &
    local client=$!
    started+=("$client")
    exec 3>lines
    rm lines
    echo before >&3
    wait_until 20 has_line '^before$' live.out || fail "the client received no echo" live.err server.err
    drop_us
    reload
    stays_out
    echo after >&3
    wait_until 20 has_line '^after$' live.out || fail "the client received no echo after the reload" live.err server.err
    exec 3>&-
    wait "$client" || fail "the client ended with $?" live.err
    stop_echo
    expect_counter messages_received 2
}

unchangeable_is_named() {
    config </dev/null
    start_echo --config server.toml
    printf 'listen = ["127.0.0.2:0"]\nthreads = 2\nmetrics.listen = "127.0.0.1:0"\n' >server.toml
    reload
    local key
    for key in listen threads metrics.listen; do
        logged "server\.toml: $key cannot change"
    done
    gets_in
    reload
    stop_echo
    expect_counter reloads 2
}

command_line_wins_again() {
    config </dev/null
    start_echo --config server.toml --cookies drop
    reload
    stays_out
    stop_echo
    expect_counter handshakes_started 0
}

log_level_follows_the_file() {
    config <<<'log.level = "error"'
    start_echo --config server.toml
    gets_in
    [[ ! -s server.err ]] || fail "the log has a line below the configured level" server.err
    config <<<'log.level = "debug"'
    reload
    gets_in
    logged ' quivive: (info|debug): '
    config <<<'log.level = "error"'
    reload
    stop_echo
}

warnings_come_again() {
    [[ $build == RUNTIME ]] || return 0
    config </dev/null
    start_echo --config server.toml
    config <<'TOML'
[[cookies.rule]]
networks = ["127.0.0.1"]
exchange = "never"
TOML
    reload
    logged 'warning: .*never.*127\.0\.0\.1'
    gets_in
    stop_echo
    expect_counter admitted_unproven 1
    expect_counter never_networks 1
}

# The kernel may merge pending signals. The settings of the last file must apply.
many_at_once() {
    config </dev/null
    start_echo --config server.toml
    local i
    for i in {1..50}; do
        ((i < 50)) || drop_us
        kill -HUP "$server"
    done
    wait_until 20 last_one_holds || fail "the settings of the last file do not apply" server.err
    stop_echo
    expect_at_least 1 reloads
}

last_one_holds() {
    alive
    talk --insecure --timeout 1
    [[ $status == 1 ]]
}

# The file is a pipe, so that the server blocks while it reads its configuration for the first time.
hangup_before_it_serves() {
    local listen='listen = ["127.0.0.1:0"]'
    rm server.toml
    mkfifo server.toml
    rm -f server.out server.err
    "$program" echo --config server.toml >server.out 2>server.err &
    server=$!
    started+=("$server")
    exec 3>server.toml  # returns when the server has opened the pipe
    kill -HUP "$server"
    echo "$listen" >&3
    exec 3>&-
    wait_until 20 announced || fail "no 'listening on' within 20 s" server.out server.err
    timeout 20 tee server.toml <<<"$listen" >/dev/null || fail "the server does not read the file again" server.err
    logged ': reloaded server\.toml$'
    rm server.toml
    stop_echo
    expect_counter reloads 1
}

hangup_and_end() {
    config </dev/null
    start_echo --config server.toml
    kill -HUP "$server"
    stop_echo_by TERM
    local i
    for i in {1..5}; do  # the signals arrive at other moments each time
        start_echo --config server.toml
        kill -TERM "$server"
        wait_until 30 has_ended_in_spite_of_hangups || fail "the server does not end while it receives SIGHUP" server.err
        wait "$server" || fail "the server ended with $? the ${i}th time" server.err
    done
}

# Sends SIGHUP continuously, so that signals arrive in every phase of the server's end.
has_ended_in_spite_of_hangups() {
    local i
    for i in {1..2000}; do kill -HUP "$server" 2>/dev/null || return 0; done
    return 1
}

main
