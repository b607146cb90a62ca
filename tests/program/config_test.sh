#!/usr/bin/env bash
# config_test.sh QUIVIVE BUILD: tests `quivive echo --config FILE` and `quivive check FILE`. The file's settings apply, the
# command line overrides them, all problems are reported at once, and settings that reduce protection are reported everywhere.
set -u
readme=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../README.md")
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
build=$1  # QUIVIVE_COOKIES

main() {
    local test
    for test in file_alone command_line_wins rules_decide paths_are_the_files_own records_and_ids \
        ids_need_detached_records mistakes_in_files check_shows_everything check_opens_the_files \
        check_prints_a_file never_shows_everywhere echo_forwards_nothing readme_is_right; do
        "$test"
        echo "$test: good"
    done
}

# Writes server.toml from stdin.
config() { cat >server.toml; }

# Sends one message to be echoed; sets $status.
talk() {  # ARGUMENT...
    status=0
    echo hello | timeout --kill-after=5 60 "$program" client "$address" "$@" >client.out 2>client.err || status=$?
}

expect_answer() {
    [[ $status == 0 && $(<client.out) == hello ]] || fail "the client received no echo" client.err server.err
}

check() { without_leak_check timeout 20 "$program" check "$1" >check.out 2>check.err; }  # FILE

# `quivive ARGUMENT...` must fail with 2, print nothing on stdout, and LINES lines on stderr.
refuse() {  # LINES ARGUMENT...
    local lines=$1 code=0
    shift
    without_leak_check timeout 20 "$program" "$@" >refused.out 2>refused.err </dev/null || code=$?
    [[ $code == 2 ]] || fail "exit code $code instead of 2: quivive $*" refused.err
    [[ ! -s refused.out ]] || fail "quivive $* prints to stdout" refused.out
    [[ $(wc -l <refused.err) == "$lines" ]] || fail "quivive $* does not print exactly $lines lines on stderr" refused.err
    ! grep -vq '^quivive: error: ' refused.err || fail "a line on stderr does not begin with 'quivive: error: '" refused.err
}

told() {  # TEXT...: each must be part of the error message
    local text
    for text; do grep -qF -- "$text" refused.err || fail "stderr does not contain '$text'" refused.err; done
}

file_alone() {
    config <<<'listen = ["127.0.0.1:0", "[::1]:0"]'
    start_echo --config server.toml
    [[ $(grep -c '^listening on ' server.out) == 2 ]] || fail "the server does not listen on exactly two addresses" server.out
    talk --insecure
    expect_answer
    stop_echo
}

command_line_wins() {
    config <<'TOML'
listen = ["127.0.0.1:0", "[::1]:0"]
[credentials]
certificate = "missing.pem"
key = "missing.key"
[cookies]
exchange = "drop"
TOML
    make_certificate own
    local exchange=(--cookies always)
    [[ $build != NEVER ]] || exchange=(--cookies never)
    start_echo --config server.toml --listen 127.0.0.2:0 --cert own.pem --key own.key "${exchange[@]}"
    [[ $(grep '^listening on ' server.out) == "listening on 127.0.0.2:$port" ]] || fail "the file's address is used" server.out
    talk --ca own.pem --server-name localhost
    expect_answer
    stop_echo
}

rules_decide() {
    config <<'TOML'
listen = ["127.0.0.1:0"]
[[cookies.rule]]
networks = ["127.0.0.0/8"]
exchange = "drop"
TOML
    start_echo --config server.toml
    talk --insecure --timeout 1
    [[ $status == 1 ]] || fail "the client whose datagrams are dropped ended with status $status" client.err
    stop_echo
    expect_at_least 1 dropped.refused_by_policy
    expect_counter handshakes_started 0
}

paths_are_the_files_own() {
    mkdir sub
    printf 'sensor:00112233\n' >sub/psk
    printf 'listen = ["127.0.0.1:0"]\ncredentials.psk_file = "psk"\n' >sub/server.toml
    start_echo --config sub/server.toml
    talk --psk sensor:00112233
    expect_answer
    stop_echo
}

records_and_ids() {
    config <<'TOML'
listen = ["127.0.0.1:0"]
record_layer = "detached"
state = "kept"
[connection_ids]
enabled = true
networks = ["192.0.2.0/24", "127.0.0.0/8"]
length = 12
TOML
    check server.toml || fail "check refuses a valid configuration" check.err
    local line
    for line in 'record_layer = "detached" +# server.toml:2:1' "state = \"$work/kept\" +# server.toml:3:1" \
        'enabled = true +# server.toml:5:1' 'networks = \["192.0.2.0/24", "127.0.0.0/8"\] +# server.toml:6:1' \
        'length = 12 +# server.toml:7:1'; do
        has_line "^$line\$" check.out || fail "the output of check has no line '$line'" check.out
    done
    start_echo --config server.toml
    talk --insecure --connection-ids on
    expect_answer
    [[ -s kept/key ]] || fail "the state directory contains no key" server.err
    stop_echo

    config <<'TOML'
record_layer = "loose"
[connection_ids]
length = 7
TOML
    refuse 2 check server.toml
    told server.toml:1:1 'record_layer' server.toml:3:1 'connection_ids.length' 8
}

ids_need_detached_records() {
    config <<'TOML'
listen = ["127.0.0.1:0"]
record_layer = "attached"
[connection_ids]
enabled = true
TOML
    refuse 1 check server.toml
    told server.toml:4:1 connection_ids.enabled 'record_layer = "attached"'
    refuse 1 echo --config server.toml
    config <<<'record_layer = "attached"'
    start_echo --config server.toml --listen 127.0.0.1:0
    talk --insecure --connection-ids on  # the session has no id
    expect_answer
    stop_echo
}

mistakes_in_files() {
    config <<'TOML'
listen = ["localhost:1"]
thread = 2
[limits]
idle_timeout = 30
TOML
    local command
    for command in 'check server.toml' 'echo --config server.toml' 'echo --listen 127.0.0.1:0 --config server.toml'; do
        # shellcheck disable=SC2086  # a command and its arguments are separate words
        refuse 3 $command
        told server.toml:1: localhost:1 server.toml:2:1 thread 'threads' server.toml:4:1 limits.idle_timeout
    done

    config <<<'listen = ['
    refuse 1 check server.toml
    told server.toml:1:
    config <<<'threads = 1'
    refuse 1 echo --config server.toml
    told listen
    for command in check 'echo --config'; do
        local file
        for file in missing.toml sub /dev/null/x; do
            # shellcheck disable=SC2086
            refuse 1 $command "$file"
            told "$file"
        done
    done
    refuse 1 echo --config ''
    refuse 1 echo --config
    refuse 1 check
}

check_shows_everything() {
    config <<'TOML'
listen = ["127.0.0.1:4433"]

[cookies]
rotate_every = "10s"
[[cookies.rule]]
networks = ["192.0.2.0/24"]
exchange = "drop"
TOML
    check server.toml || fail "check refuses a valid configuration" check.err
    [[ ! -s check.err ]] || fail "check prints to stderr" check.err
    local line
    for line in 'listen = \["127.0.0.1:4433"\] +# server.toml:1:1' 'threads = 1 +# default' '\[cookies\]' \
        'rotate_every = "10s" +# server.toml:4:1' '\[\[cookies.rule\]\]' 'exchange = "drop" +# server.toml:7:1' \
        'max_half_open = 4096 +# default' 'level = "warning" +# default'; do
        has_line "^$line\$" check.out || fail "the output of check has no line '$line'" check.out
    done
    [[ $build == NEVER ]] || ! has_line warning: check.out || fail "check prints an unjustified warning" check.out
}

check_opens_the_files() {
    config <<'TOML'
[credentials]
certificate = "missing.pem"
key = "missing.key"
psk_file = "missing.psk"
TOML
    refuse 3 check server.toml
    told missing.pem missing.key missing.psk
    [[ $build != NEVER ]] || return 0
    head -c 16 /dev/urandom >secret
    chmod 644 secret
    config <<<'cookies.secret_file = "secret"'
    refuse 1 check server.toml
    told 600
}

# The output of check is a configuration file with the same settings.
check_prints_a_file() {
    config <<'TOML'
listen = ["127.0.0.1:4433", "[::1]:4433"]
alpn = ["coap"]
[[cookies.rule]]
networks = ["192.0.2.0/24", "2001:db8::/32"]
exchange = "drop"
[[cookies.rule]]
networks = ["198.51.100.7"]
exchange = "drop"
[metrics]
listen = "127.0.0.1:9433"
[[forward]]
listen = ["127.0.0.1:5684"]
to = "127.0.0.1:5683"
TOML
    check server.toml || fail "check refuses a valid configuration" check.err
    cp check.out again.toml
    check again.toml || fail "check refuses its own output" check.err again.toml
    diff <(values again.toml) <(values check.out) >values.diff || fail "the output of check has other settings" values.diff
    ! has_line '# default$' check.out || fail "the output of check lacks a setting" check.out
}

values() { sed -E 's/ +# [^"]*$//' "$1"; }

never_shows_everywhere() {
    [[ $build == RUNTIME ]] || return 0
    config <<'TOML'
listen = ["127.0.0.1:0"]
cookies.trust_all_networks = true
[[cookies.rule]]
networks = ["127.0.0.1", "10.0.0.0/8"]
exchange = "never"
TOML
    check server.toml || fail "check refuses a valid configuration" check.err
    head -n 2 check.out >top
    has_line '^# warning: .*trust_all_networks' top || fail "check begins without a warning of trust_all_networks" check.out
    has_line '^# warning: .*127\.0\.0\.1.*10\.0\.0\.0/8' top || fail "check begins without a warning of the rule" check.out

    start_echo --config server.toml --metrics 127.0.0.1:0
    scrape
    has_line '^quivive_trust_all_networks 1$' metrics || fail "the metrics do not show trust_all_networks" metrics
    has_line '^quivive_never_networks 2$' metrics || fail "the metrics do not show the rule" metrics
    talk --insecure
    expect_answer
    stop_echo
    logged 'warning: .*trust_all_networks'
    logged 'warning: .*10\.0\.0\.0/8'
    expect_counter admitted_unproven 1
    expect_counter trust_all_networks 1
    expect_counter never_networks 2
}

echo_forwards_nothing() {
    config <<'TOML'
listen = ["127.0.0.1:0"]
[[forward]]
listen = ["127.0.0.1:0"]
to = "127.0.0.1:9"
TOML
    start_echo --config server.toml
    [[ $(grep -c '^listening on ' server.out) == 1 ]] || fail "quivive echo listens on the address of a forward rule" server.out
    stop_echo
    logged 'warning: .*forward'
}

# The configuration in README.md is valid, except for files that this machine need not have.
readme_is_right() {
    [[ $build == RUNTIME ]] || return 0
    awk '/^```toml$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$readme" >server.toml
    [[ -s server.toml ]] || fail "README.md shows no configuration"
    check server.toml
    ! grep -v ' /etc/quivive/' check.err || fail "README.md shows an invalid configuration" check.err
}

main
