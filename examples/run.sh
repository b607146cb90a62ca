#!/usr/bin/env bash
# examples/run.sh: shows quivive with a client of another project.
#
# Builds the program and starts its echo server with a temporary certificate. Then gnutls-cli performs a handshake and sends
# a line. Prints the handshake as a sequence diagram, and the server's counters. Succeeds only if the echo came back.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=src/cmake/debian_packages.sh
. "$top/src/cmake/debian_packages.sh"

message="hello from gnutls-cli, process $$"
build=$top/build/example
work=$(mktemp -d)
server='' client='' port=''

main() {
    need_packages "${quivive_packages[@]}" "${quivive_program_packages[@]}" gnutls-bin openssl
    need_mended_gnutls
    trap stop_all EXIT

    build_program
    make_certificate
    start_server
    talk
    stop_server
    title "The echo has arrived: $message"
}

build_program() {
    title "Building the program"
    {
        # A unity build takes half as long from nothing.
        cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DQUIVIVE_BUILD_EXAMPLES=OFF \
            -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0
        cmake --build "$build" --parallel "$(nproc)" --target quivive-program
    } >"$work/build.log" 2>&1 || fail "the program does not build" "$work/build.log"
}

make_certificate() {
    title "Creating a P-256 key, and a certificate for localhost that is valid for one day"
    local make=(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost
        -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem")
    show "${make[@]}"
    "${make[@]}" 2>"$work/openssl.log" || fail "openssl created no certificate" "$work/openssl.log"
}

start_server() {
    title "Starting the server on a free port"
    local serve=("$build/src/program/quivive" echo --listen 127.0.0.1:0
        --cert "$work/cert.pem" --key "$work/key.pem" --trace)
    show "${serve[@]}"
    "${serve[@]}" >"$work/server.log" 2>&1 &
    server=$!
    wait_for '^listening on 127\.0\.0\.1:[0-9]+$' "$work/server.log"
    port=$(sed -nE 's/^listening on 127\.0\.0\.1:([0-9]+)$/\1/p' "$work/server.log" | head -n 1)
    echo "listening on 127.0.0.1:$port"
}

# Keeps the client's input open until the echo has arrived: gnutls-cli exits at the end of its input.
talk() {
    title "Running gnutls-cli, which verifies the certificate and sends a line"
    mkfifo "$work/input"
    local connect=(gnutls-cli --udp --port "$port" --x509cafile "$work/cert.pem" --verify-hostname localhost 127.0.0.1)
    show "${connect[@]}"
    stdbuf -oL "${connect[@]}" <"$work/input" >"$work/client.log" 2>&1 &
    client=$!
    exec 3>"$work/input"
    wait_for 'Handshake was completed' "$work/client.log"
    echo "$message" >&3
    wait_for "^$message" "$work/client.log"
    exec 3>&-
    wait "$client" || true
    client=''
    cat "$work/client.log"
}

stop_server() {
    title "The handshake as the server recorded it, and its counters after SIGINT"
    kill -INT "$server"
    timeout 20 tail --pid="$server" -f /dev/null || fail "the server did not stop within 20 s" "$work/server.log"
    local status=0
    wait "$server" || status=$?
    server=''
    tail -n +2 "$work/server.log"
    ((status == 0)) || fail "the server exited with status $status"
}

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

show() { printf '$ %s\n' "$*"; }

wait_for() {  # PATTERN FILE
    local tries
    for ((tries = 0; tries < 200; ++tries)); do
        grep -qE -- "$1" "$2" 2>/dev/null && return
        sleep 0.1
    done
    fail "no line like '$1' within 20 s" "$2"
}

fail() {  # WHY [LOG]
    echo "FAILED: $1" >&2
    [[ -z ${2:-} ]] || tail -n 40 "$2" >&2
    exit 1
}

stop_all() {
    [[ -z $client ]] || kill "$client" 2>/dev/null || true
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}

main
