# shellcheck shell=bash
# shellcheck disable=SC2154  # started, program, work: tests/program/lib.sh sets them
# Sourced by the tests of --state, after tests/program/lib.sh and lib.sh: stops and starts a server with a state folder, and
# runs its clients. Sets $host; $address is where the server listens.

# No other test gets a port on this address while the server is down.
host=127.0.4.$((1 + RANDOM % 250))

oracle=()   # command prefix of the server
clients=()  # names of the clients; NAME.out has the output
# Descriptor of each client's stdin, and its process. Bash itself assigns descriptors from 10 on.
declare -A in_of=([ours]=6 [openssl]=7 [gnutls]=8) pid_of

# Preloads the nonce oracle (tests/support/nonces) into all processes that `begin` starts.
ask_oracle() {  # LIBRARY, or nothing
    [[ -n ${1:-} ]] || return 0
    export QUIVIVE_NONCES=$work/nonces
    oracle=(env "LD_PRELOAD=$1")
}

no_nonce_came_twice() {
    [[ -n ${QUIVIVE_NONCES:-} ]] || return 0
    local pairs twice _
    read -r pairs twice _ < <(python3 -c 'import struct, sys
print(*struct.unpack("QQQ", open(sys.argv[1], "rb").read(24)))' "$QUIVIVE_NONCES")
    echo "$pairs pairs of key and nonce, $twice of them used twice"
    ((pairs > 0)) || fail "the nonce oracle has seen no sealing"
    ((twice == 0)) || fail "two records are sealed under one key and nonce"
}

begin() {  # COMMAND ADDRESS:PORT OPTION...: starts the server with a state folder
    start_server "${oracle[@]}" "$program" "$1" --listen "$2" --cert server.pem --key server.key --state state "${@:3}" \
        6>&- 7>&- 8>&-
    address=$host:$port
}

end_server() {  # SIGNAL
    stop_server "$1"
    counters_balance
}

join_all() {
    join ours "$program" client "$address" --insecure
    join openssl openssl s_client -dtls1_2 -connect "$address" -timeout -CAfile server.pem -verify_return_error
    join gnutls gnutls-cli --udp --port "$port" --x509cafile server.pem --verify-hostname localhost "$host"
}

join() {  # NAME COMMAND...
    mkfifo "$1.in"
    run_client "${@:2}" <"$1.in" >"$1.out" 2>&1 6>&- 7>&- 8>&- &
    pid_of[$1]=$!
    started+=($!)
    eval "exec ${in_of[$1]}>$1.in"
    clients+=("$1")
}

all_hear() {  # LINE
    local name
    for name in "${clients[@]}"; do echo "$1" >&"${in_of[$name]}"; done
    for name in "${clients[@]}"; do
        wait_until 20 has_line "^$1\$" "$name.out" || fail "$name: '$1' does not come back" "$name.out" server.err
    done
}

leave_all() {
    local name
    for name in "${clients[@]}"; do
        eval "exec ${in_of[$name]}>&-"
        wait "${pid_of[$name]}" || fail "$name ended with $?" "$name.out" server.err
    done
}

start_backend() {
    python3 -B -c 'import socket, threading
s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
def echo():
    while True:
        s.sendto(*s.recvfrom(65536))
threading.Thread(target=echo, daemon=True).start()
threading.Event().wait(60)' >backend.out 2>&1 &
    started+=($!)
    wait_until 20 has_line '^[0-9]+$' backend.out || fail "the back end does not listen" backend.out
    backend=$(<backend.out)
}

expect_mode() {  # MODE FILE
    [[ $(stat -c %a "$2") == "$1" ]] || fail "the mode of $2 is $(stat -c %a "$2"), expected $1"
}

no_blobs_left() {
    local left
    left=$(find state -name 'sessions.*')
    [[ -z $left ]] || fail "exported sessions left: $left"
}

change_byte() {  # FILE AT
    python3 -c 'import sys
content = bytearray(open(sys.argv[1], "rb").read())
content[int(sys.argv[2])] ^= 1
sys.stdout.buffer.write(content)' "$1" "$2"
}
