#!/usr/bin/env bash
# hidden_key_test.sh QUIVIVE: tests that no list of processes shows the key of `quivive client --psk ID:HEX`, and that its
# text is not in the client's memory. Only root can read that memory (dumpable_test.sh).
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly key=5ec2e7c0ffee5ec2e7c0ffee5ec2e7c000112233445566778899aabbccddeeff5ec2  # longer than registers saved on the stack

main() {
    need_tools python3
    printf 'me:%s\n' "$key" >psk
    chmod 600 psk
    start_echo --listen 127.0.0.1:0 --psk-file psk
    local form
    for form in --psk=me:"$key" "--psk me:$key"; do
        # shellcheck disable=SC2086 # splits one string into two arguments
        a_client_hides_it $form
        echo "$form: good"
    done
    stop_echo
}

a_client_hides_it() {  # ARGUMENT...
    mkfifo input 2>/dev/null
    : >said  # removes the output of the previous client
    "$program" client "$address" "$@" <input >said 2>client.err &
    local client=$!
    started+=("$client")
    exec {input}>input
    echo hello >&"$input"
    wait_until 50 grep -q hello said || fail "the client has received nothing" client.err
    tr '\0' ' ' <"/proc/$client/cmdline" >shown
    grep -q "me:\**" shown || fail "the list of processes does not show the client's arguments" shown
    ! grep -q "$key" shown || fail "the list of processes shows the key" shown
    memory_is_clean "$client" || fail "the client's memory still contains the text of the key"
    exec {input}>&-
    wait "$client"
}

memory_is_clean() {  # PID
    [[ -r /proc/$1/mem ]] || return 0
    ! grep -qE '__(asan|tsan)_init' "$program" || return 0  # the program cannot wipe a sanitizer's memory
    python3 - "$1" "$key" <<'END'
import re, sys

pid, key = sys.argv[1], sys.argv[2].encode()
found = 0
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
    for line in maps:
        begin, end, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (....)", line).groups()
        if rights[:2] != "rw" or "[v" in line:
            continue
        try:
            memory.seek(int(begin, 16))
            here = memory.read(int(end, 16) - int(begin, 16)).count(key)
        except OSError:
            continue
        if here:
            print(here, "in", line.strip())
        found += here
sys.exit(1 if found else 0)
END
}

main
