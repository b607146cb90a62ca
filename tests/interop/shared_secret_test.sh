#!/usr/bin/env bash
# shared_secret_test.sh QUIVIVE: processes of `quivive echo` that share a secret accept each other's cookies: after a restart,
# side by side, across the boundary of a time slot, and while the secret is changed. A process with another secret does not.
#
# A cookie covers the addresses and ports of both client and server (RFC 6347 4.2.1), so all processes listen on the same ones.
# Each process has a network namespace of its own with only a loopback, where all ports are free.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"

server_port=4433

main() {
    need_tools python3 unshare nsenter ip
    need_namespaces
    make_secrets
    accepted_after_a_restart
    accepted_side_by_side
    refused_with_another_secret
    accepted_at_each_step_of_a_change
    accepted_across_a_boundary_and_not_for_ever
}

accepted_after_a_restart() {
    start_node first --cookie-secret "$work/one.secret"
    take_cookie_from first 6000
    stop_node first
    start_node second --cookie-secret "$work/one.secret"
    expect_answer served second 6000 "$cookie"
    stop_node second
    echo "restarted: good"
}

accepted_side_by_side() {
    start_node first --cookie-secret "$work/one.secret"
    start_node second --cookie-secret "$work/one.secret"
    take_cookie_from first 6000
    expect_answer served second 6000 "$cookie"
    take_cookie_from second 6001
    expect_answer served first 6001 "$cookie"

    # The server does not accept this cookie from another port, so it has verified the cookies above.
    expect_answer "challenged *" second 6002 "$cookie"
    stop_node first
    stop_node second
    echo "side by side: good"
}

refused_with_another_secret() {
    start_node first --cookie-secret "$work/one.secret"
    start_node stranger --cookie-secret "$work/other.secret"
    take_cookie_from first 6000
    expect_answer "challenged *" stranger 6000 "$cookie"
    expect_answer served first 6000 "$cookie"
    stop_node first
    stop_node stranger
    echo "another secret: good"
}

# Adds a secret and removes another. At each step, on one node or on both, each node accepts the cookies of the other.
accepted_at_each_step_of_a_change() {
    local node files
    for node in first second; do
        mkdir -p "$node"
        cp one.secret "$node/secret"
        printf '[cookies]\nsecret_file = "secret"\n' >"$node/nodes.toml"
        start_node "$node" --config "$work/$node/nodes.toml"
    done
    each_takes_the_other_s
    for files in "one other" "other one" "other"; do
        for node in second first; do
            change_secrets "$node" $files
            each_takes_the_other_s
        done
    done

    # The removed secret is no longer valid, and a refused file changes nothing.
    start_node stranger --cookie-secret "$work/one.secret"
    take_cookie_from stranger 6003
    expect_answer "challenged *" first 6003 "$cookie"
    stop_node stranger
    echo short >>first/secret
    kill -HUP "${processes[first]}"
    wait_until 20 has_line 'secret:2: has 5 bytes' first/server.err || fail "a short secret is accepted" first/server.err
    each_takes_the_other_s
    stop_node first
    stop_node second
    echo "a change of secrets: good"
}

each_takes_the_other_s() {
    take_cookie_from first 6000
    expect_answer served second 6000 "$cookie"
    take_cookie_from second 6001
    expect_answer served first 6001 "$cookie"
}

change_secrets() {  # NODE NAME...
    local names=("${@:2}")
    cat "${names[@]/%/.secret}" >"$1/secret"
    local before
    before=$(grep -c ': reloaded' "$1/server.err")
    kill -HUP "${processes[$1]}"
    wait_until 20 reloaded_since "$1" "$before" || fail "the server did not reload" "$1/server.err"
}
reloaded_since() { (($(grep -c ': reloaded' "$1/server.err") > $2)); }  # NODE NUMBER

# A cookie is valid until the third slot after its own begins. On a slower machine, slots must be longer so that an answer
# arrives within one.
accepted_across_a_boundary_and_not_for_ever() {
    for slot_seconds in 2 2 4 8 16; do
        printf '[cookies]\nsecret_file = "%s"\nrotate_every = "%ss"\n' "$work/one.secret" "$slot_seconds" >slots.toml
        start_node first --config "$work/slots.toml"
        start_node second --config "$work/slots.toml"
        local crossed=0
        crossed_a_boundary && crossed=1 && not_accepted_for_ever
        stop_node first
        stop_node second
        ((crossed)) && { echo "across a slot's boundary: good"; return; }
        echo "a slot of $slot_seconds s ended too early for a meaningful answer"
    done
    fail "the machine is too slow to test slots of $slot_seconds s"
}

# Sets $signed, the slot of the cookies, and $late_cookie, which no server has received yet.
crossed_a_boundary() {
    signed=$(slot)
    take_cookie_from first 6000
    late_cookie=$cookie
    take_cookie_from first 6001
    (($(slot) == signed)) || return 1

    wait_until $((2 * slot_seconds)) slot_has_come $((signed + 1)) || fail "the next slot did not begin in time"
    local answer
    answer=$(ask second 6001 "$cookie")
    (($(slot) <= signed + 2)) || return 1
    [[ $answer == served ]] || fail "the answer to a cookie of slot $signed in the next slot is '$answer'" second/server.err
}

not_accepted_for_ever() {
    wait_until $((4 * slot_seconds)) slot_has_come $((signed + 3)) || fail "the next slot did not begin in time"
    expect_answer "challenged *" second 6000 "$late_cookie"
}

slot() { echo $(($(date +%s) / slot_seconds)); }
slot_has_come() { (($(slot) >= $1)); }  # NUMBER

need_namespaces() {
    own_net=(unshare --net) net_of=(nsenter --net)
    unshare --net true 2>/dev/null && return
    own_net=(unshare --map-root-user --net) net_of=(nsenter --user --preserve-credentials --net)
    "${own_net[@]}" true 2>unshare.err || { echo "SKIPPED: no network namespaces: $(<unshare.err)"; exit 77; }
}

make_secrets() {
    local name
    for name in one other; do
        (umask 077 && head -c 32 /dev/urandom | base64 >"$name.secret")
    done
}

declare -A processes=()

# Starts a server with a loopback and a folder of its own.
start_node() {  # NAME ARGUMENT...
    mkdir -p "$work/$1"
    cd "$work/$1" || exit 1
    printf '#!/bin/sh\nip link set lo up && exec "%s" "$@"\n' "$quivive" >with_loopback
    printf '#!/bin/sh\nexec %s ./with_loopback "$@"\n' "${own_net[*]}" >alone
    chmod +x with_loopback alone
    program=./alone
    start_echo --listen "127.0.0.1:$server_port" "${@:2}"
    processes[$1]=$server
    cd "$work" || exit 1
}

stop_node() {  # NAME
    cd "$work/$1" || exit 1
    server=${processes[$1]}
    stop_echo
    cd "$work" || exit 1
}

# Prints the answer to a hello from this port of the node's loopback.
ask() {  # NODE PORT [COOKIE]
    "${net_of[@]}" --target "${processes[$1]}" "$here/shared_secret_client.py" "$server_port" "${@:2}"
}

take_cookie_from() {  # NODE PORT: sets $cookie
    local answer
    answer=$(ask "$1" "$2")
    [[ $answer == "challenged "* ]] || fail "a hello without a cookie got '$answer'" "$1/server.out" "$1/server.err"
    cookie=${answer#challenged }
}

expect_answer() {  # PATTERN NODE PORT COOKIE
    local answer
    answer=$(ask "${@:2}")
    # shellcheck disable=SC2053  # $1 is a pattern
    [[ $answer == $1 ]] || fail "the answer to a cookie is '$answer', expected '$1'" "$2/server.out" "$2/server.err"
}

quivive=$program
main
