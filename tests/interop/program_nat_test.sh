#!/usr/bin/env bash
# program_nat_test.sh QUIVIVE moves|copies|raced|lost|resumed: a NAT between `quivive client` and `quivive echo` gives the
# client new addresses. With connection ids (RFC 9146) the session continues, whichever thread's socket receives its datagrams.
# An attacker who sends copies of its datagrams from elsewhere does not move it. Without ids the session is lost, and the client
# needs a resumed handshake.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
need_tools openssl python3

main() {
    case $1 in
        moves) ids_keep_the_session 1 3 && ids_keep_the_session 3 6 ;;
        copies) copies_from_elsewhere_move_nothing 1 && copies_from_elsewhere_move_nothing 3 ;;
        raced) a_copy_that_is_quicker_is_found_out 1 && a_copy_that_is_quicker_is_found_out 3 ;;
        lost) without_ids_it_is_lost off on && without_ids_it_is_lost on off ;;
        resumed) what_is_left_is_resumption ;;
        *) fail "no test '$1'" ;;
    esac
}

ids_keep_the_session() {  # THREADS MOVES
    start_all "$1" on on
    local i line
    for ((i = 1; i <= $2; ++i)); do
        for line in first second third; do say_and_hear "$line after $((i - 1)) moves"; done
        move
    done
    say_and_hear "the end"
    end_client
    printf '%s\n' "${said[@]}" | cmp -s - client.out || fail "other lines came back" client.out
    stop_relay
    stop_echo
    expect_counter sessions_moved "$2"
    expect_counter handshakes_started 1
    expect_counter handshakes_completed 1
    expect_counter messages_received "${#said[@]}"
    expect_counter messages_sent "${#said[@]}"
    expect_counter datagrams_withheld 0
    expect_counter sessions_closed 1
    [[ $(counters_of dropped) == 0 ]] || fail "the server dropped datagrams" server.out
    echo "$2 moves, $1 thread(s): good"
}

# RFC 9146 6: only an authentic record that is the newest changes the address.
copies_from_elsewhere_move_nothing() {  # THREADS
    start_all "$1" on on
    say_and_hear one
    tell_relay copy '^copied$'
    wait_for_drops 1 replayed_record
    say_and_hear two

    tell_relay hold '^holding$'
    say_line "held back"
    wait_until 20 has_line '^held$' relay.out || fail "the relay held no datagram back" relay.out
    say_and_hear "newer than that"
    tell_relay release '^released$'
    # The held record is authentic and new, so the server accepts it. The answer goes to the address of the newest record.
    wait_until 20 has_line '^held back$' client.out || fail "no answer to the held record" client.out server.err
    tell_relay copy '^copied$'
    wait_for_drops 2 replayed_record

    move
    say_and_hear "from the new address"
    end_client
    has_line '^stray$' relay.out && fail "the server sent a datagram elsewhere" relay.out server.out
    stop_relay
    stop_echo
    expect_counter sessions_moved 1
    expect_counter dropped.replayed_record 2
    expect_counter handshakes_started 1
    expect_counter messages_sent 5
    expect_counter datagrams_withheld 0
    echo "copies from elsewhere, $1 thread(s): good"
}

# RFC 9146 6: a copy from elsewhere arrives first, and moves the session until the original arrives.
a_copy_that_is_quicker_is_found_out() {  # THREADS
    start_all "$1" on on
    say_and_hear one
    tell_relay race '^racing$'
    say_line two
    wait_until 20 has_line '^stray$' relay.out || fail "the copy does not move the session" relay.out server.err
    tell_relay original '^sent$'
    wait_until 20 undone || fail "the session does not return to its former address" metrics server.err
    say_and_hear three
    tell_relay race '^racing$'
    say_line four
    tell_relay original '^sent$'
    say_and_hear five
    end_client
    stop_relay
    stop_echo
    expect_counter sessions_moved 2  # there and back
    expect_counter moves_undone 1
    expect_counter messages_received 5
    expect_counter handshakes_started 1
    echo "a copy that is quicker, $1 thread(s): good"
}

undone() {
    scrape
    has_line '^quivive_moves_undone_total 1$' metrics
}

without_ids_it_is_lost() {  # on|off FOR THE SERVER, FOR THE CLIENT
    start_all 1 "$1" "$2"
    say_and_hear "before"
    move
    say_line "after"
    wait_for_drops 1 not_a_client_hello
    end_client
    [[ $(<client.out) == before ]] || fail "other lines came back" client.out server.out
    stop_relay
    stop_echo
    expect_counter sessions_moved 0
    expect_counter messages_received 1
    expect_at_least 1 dropped.not_a_client_hello
    echo "without ids (server $1, client $2): good"
}

what_is_left_is_resumption() {
    start_echo --listen 127.0.0.1:0 --metrics 127.0.0.1:0
    start_relay
    start_client openssl s_client -dtls1_2 -connect "$address" -timeout -sess_out ticket.pem
    say_and_hear "before"
    move
    say_line "after"
    wait_for_drops 1 not_a_client_hello
    end_client

    start_client openssl s_client -dtls1_2 -connect "$address" -timeout -sess_in ticket.pem
    say_and_hear "again"
    has_line '^Reused, TLSv1.2' client.out || fail "not resumed" client.out
    end_client
    stop_relay
    stop_echo
    expect_counter handshakes_completed 2
    expect_counter resumptions 1
    expect_counter messages_received 2
    echo "a resumed handshake after the move: good"
}

start_all() {  # THREADS, on|off FOR THE SERVER, FOR THE CLIENT
    start_echo --listen 127.0.0.1:0 --metrics 127.0.0.1:0 --threads "$1" --connection-ids "$2"
    start_relay
    start_client "$program" client "$address" --insecure --connection-ids "$3"
}

# Sets $address, to which the clients connect, to the relay's address.
start_relay() {
    rm -f relay.out relay.err commands
    mkfifo commands
    python3 -B "$here/nat_relay.py" "${address##*:}" <commands >relay.out 2>relay.err &
    relay=$!
    started+=("$relay")
    exec 5>commands
    wait_until 20 has_line '^listening on ' relay.out || fail "the relay does not listen" relay.err
    address=$(sed -n 's/^listening on //p' relay.out)
    moves=0
}

stop_relay() {
    exec 5>&-
    wait "$relay" || fail "the relay has failed" relay.err
}

tell_relay() {  # COMMAND, PATTERN OF ITS ANSWER: waits for a new line with this pattern
    local before
    before=$(grep -cE "$2" relay.out)
    echo "$1" >&5
    wait_until 20 more_lines "$before" "$2" || fail "the relay does not $1" relay.out relay.err
}

more_lines() { (($(grep -cE "$2" relay.out) > $1)); }  # THAN PATTERN

move() { tell_relay move "^moved $((++moves))\$"; }

# The client's stdin is descriptor 3.
start_client() {  # COMMAND...
    rm -f lines client.out client.err
    mkfifo lines
    run_client "$@" <lines >client.out 2>client.err 5>&- &
    client=$!
    started+=("$client")
    exec 3>lines
    said=()
}

say_line() { echo "$1" >&3; }

say_and_hear() {  # LINE
    said+=("$1")
    say_line "$1"
    wait_until 20 has_line "^$1\$" client.out ||
        fail "'$1' does not come back" client.out client.err relay.err server.err
}

end_client() {
    exec 3>&-
    wait "$client" || fail "the client ended with $?" client.err
}

wait_for_drops() { wait_until 20 dropped "$@" || fail "dropped.$2 did not reach $1" metrics server.err; }  # NUMBER REASON

dropped() {
    scrape
    (($(sed -nE "s/^quivive_dropped_total\{reason=\"$2\"\} ([0-9]+)\$/\1/p" metrics) + 0 >= $1))
}

counters_of() {  # PREFIX: prints the sum of the counters
    sed -nE "s/^$1\.\w+ ([0-9]+)\$/\1/p" server.out | awk '{ sum += $1 } END { print sum + 0 }'
}

main "$1"
