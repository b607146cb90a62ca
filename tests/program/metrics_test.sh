#!/usr/bin/env bash
# metrics_test.sh QUIVIVE BUILD: tests the HTTP response to GET /metrics.
set -u
readme=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../README.md")
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
build=$1  # QUIVIVE_COOKIES

main() {
    local test
    for test in scraped_over_http address_in_use address_of_another_machine readme_names_what_there_is; do
        "$test"
        echo "$test: good"
    done
}

scraped_over_http() {
    printf 'listen = ["127.0.0.1:0"]\nmetrics.listen = "127.0.0.1:0"\n' >server.toml
    start_echo --config server.toml
    [[ $(tail -n 1 server.out) == 'metrics on 127.0.0.1:'* ]] || fail "'metrics on' is not the last line" server.out
    exec 5<>"/dev/tcp/127.0.0.1/$(metrics_port)"  # a connection that sends nothing must not delay other scrapers
    scrape
    has_line '^quivive_handshakes_completed_total 0$' metrics ||
        fail "the metrics count handshakes before the first client" metrics
    echo hello | timeout 60 "$program" client "$address" --insecure >client.out 2>client.err ||
        fail "the client ended with $?" client.err
    wait_until 20 sessions_are_over || fail "the metrics still count the session after the client ended" metrics
    local line
    for line in '# HELP quivive_received_total .+' '# TYPE quivive_received_total counter' \
        'quivive_handshakes_completed_total 1' 'quivive_messages_received_total 1' \
        '# TYPE quivive_half_open gauge' 'quivive_half_open 0' 'quivive_dropped_total\{reason="bad_record_mac"\} 0' \
        'quivive_discarded_total\{reason="replayed_record"\} 0' 'quivive_echo_too_large_total 0' \
        'quivive_build_info\{version="[0-9.]+",gnutls="[0-9.]+",cookies="'"${build,,}"'"\} 1'; do
        has_line "^$line\$" metrics || fail "the metrics have no line '$line'" metrics
    done
    stop_echo
    exec 5>&-
}

sessions_are_over() { scrape && has_line '^quivive_sessions_closed_total 1$' metrics; }

# `quivive echo` with this --metrics must end with CODE, and with a line that contains the address and TEXT.
cannot_listen_on() {  # ADDRESS CODE TEXT
    local code=0
    timeout 20 "$program" echo --listen 127.0.0.1:0 --metrics "$1" >other.out 2>other.err || code=$?
    [[ $code == "$2" ]] || fail "exit code $code instead of $2" other.err
    [[ $(grep -c '^quivive: error: ' other.err) == 1 ]] || fail "stderr does not contain exactly one error line" other.err
    grep -qF "quivive: error: metrics: cannot listen on $1: " other.err ||
        fail "the error line does not name the address" other.err
    has_line "$3" other.err || fail "stderr does not contain '$3'" other.err
    [[ ! -s other.out ]] || fail "the server prints to stdout although it cannot start" other.out
}

address_in_use() {
    start_echo --listen 127.0.0.1:0 --metrics 127.0.0.1:0
    cannot_listen_on "127.0.0.1:$(metrics_port)" 1 'in use'
    stop_echo
}

address_of_another_machine() { cannot_listen_on 192.0.2.1:9433 1 'assign'; }  # an address for documentation (RFC 5737)

readme_names_what_there_is() {
    start_echo --listen 127.0.0.1:0 --metrics 127.0.0.1:0
    scrape
    stop_echo
    local name names=0
    while read -r name; do
        has_line "^${name}[ {]" metrics || fail "README.md names $name, which does not exist" metrics
        ((++names))
    done < <(grep -oE '\bquivive_[a-z_]+' "$readme" | sort -u)
    ((names > 0)) || fail "README.md names no metric"
}

main
