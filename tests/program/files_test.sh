#!/usr/bin/env bash
# files_test.sh QUIVIVE BUILD: tests owner and mode of key files and of the `state` directory, for `check` and at each start.
# After SIGHUP, a refused file changes nothing. Weak keys cause warnings.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
build=$1  # QUIVIVE_COOKIES

main() {
    need_tools openssl
    printf 'sensor:00112233445566778899aabbccddeeff\n' >psk
    head -c 32 /dev/urandom | base64 >secret
    make_certificate server
    local test
    for test in others_may_not_read others_may_not_own a_pipe_is_not_waited_for states_are_judged \
        a_reload_that_is_refused_changes_nothing secrets_are_counted weak_keys_are_warned_of; do
        "$test"
        echo "$test: good"
    done
}

config() {
    cat >server.toml <<TOML
listen = ["127.0.0.1:0"]
state = "state"
[credentials]
certificate = "server.pem"
key = "server.key"
psk_file = "psk"
TOML
    [[ $build == NEVER ]] || printf '[cookies]\nsecret_file = "secret"\n' >>server.toml
}

secrets() { if [[ $build == NEVER ]]; then echo psk; else echo psk secret; fi; }

# `check` and the start must exit with status 2 and print one line with PATTERN.
refused() {  # PATTERN
    config
    local command
    for command in check 'echo --config'; do
        # shellcheck disable=SC2086
        without_leak_check timeout 20 "$program" $command server.toml >refused.out 2>refused.err
        local status=$?
        ((status == 2)) || fail "$command: status $status, expected 2" refused.out refused.err
        has_line "$1" refused.err || fail "$command: stderr does not contain '$1'" refused.err
        [[ $(wc -l <refused.err) == 1 ]] || fail "$command: expected one line" refused.err
    done
}

taken() {
    config
    without_leak_check "$program" check server.toml >taken.out 2>taken.err ||
        fail "check refuses a valid configuration" taken.err
}

others_may_not_read() {
    taken
    local file mode
    for file in $(secrets); do
        for mode in 644 640 660 604 700; do
            chmod "$mode" "$file"
            refused "^(error: )?(.*/)?$file: has mode 0$mode, .*use chmod 600 (.*/)?$file\$"
        done
        chmod 400 "$file"
        taken
        chmod 600 "$file"
    done
    for mode in 644 604 620; do
        chmod "$mode" server.key
        refused "server\\.key: has mode 0$mode, .*use chmod 600 "
    done
    chmod 600 server.key
    chmod 644 server.pem
    taken
}

others_may_not_own() {
    ((EUID == 0)) || { echo "SKIPPED: only root can change the owner of a file"; return; }
    local file
    for file in $(secrets) server.key; do
        chown 12345 "$file"
        refused "(.*/)?$file: belongs to user 12345, but root runs this: .*sudo -u '#12345' .*use chown 0 (.*/)?$file\$"
        chown 0:12345 "$file"
        chmod 440 "$file"
        taken
        chmod 600 "$file"
    done
}

a_pipe_is_not_waited_for() {
    mkfifo pipe
    local file
    for file in $(secrets) server.key server.pem; do
        mv "$file" kept
        ln -s pipe "$file"
        refused "(.*/)?$file: is not a regular file"
        rm "$file"
        ln -s kept "$file"  # Kubernetes mounts secrets as symbolic links
        taken
        mv kept "$file"
    done
}

states_are_judged() {
    mkdir state
    local mode
    for mode in 777 770 1777 720; do
        chmod "$mode" state
        refused "state: (.*/)?state: has mode 0?$mode, .*use chmod 700 "
    done
    chmod 755 state
    taken
    head -c 32 /dev/urandom | base64 >state/id
    chmod 644 state/id
    refused 'state: (.*/)?state/id: has mode 0644, .*use chmod 600 '
    rm state/id
    ((EUID == 0)) || return 0
    chown 12345 state
    refused 'state: (.*/)?state: belongs to user 12345'
    rm -r state
}

a_reload_that_is_refused_changes_nothing() {
    config
    start_echo --config server.toml
    local file
    for file in $(secrets) server.key; do
        chmod 644 "$file"
        kill -HUP "$server"
        logged "$file: has mode 0644, .*use chmod 600"
        chmod 600 "$file"
        "$program" client "$address" --psk sensor:00112233445566778899aabbccddeeff <<<hello >client.out 2>client.err ||
            fail "the server does not echo a message" client.out client.err server.err
    done
    kill -HUP "$server"
    logged 'reloaded'
    stop_echo
}

secrets_are_counted() {
    [[ $build == NEVER ]] && return
    config
    cp secret kept
    printf 'the first of two\nthe second of two\n' >secret
    taken
    has_line '^# (.*/)?secret: has 2 secrets' taken.out || fail "check does not print the number of secrets" taken.out
    printf '\xef\xbb\xbfthe first of two\nthe second of two\n' >secret
    taken
    has_line '^# (.*/)?secret: has 1 secret$' taken.out || fail "check does not print the number of secrets" taken.out
    has_line '^# warning: (.*/)?secret:1: byte 0xef is not printable ASCII, so the whole file is one secret' taken.out ||
        fail "check does not warn of a byte order mark" taken.out
    mv kept secret
}

weak_keys_are_warned_of() {
    printf 'sensor:00112233\n' >psk
    openssl req -x509 -newkey rsa:1024 -nodes -days 2 -subj /CN=old -sha1 -keyout old.key -out old.pem 2>openssl.err ||
        { echo "SKIPPED: openssl cannot create a weak key"; return; }
    make_certificate authority
    openssl req -new -newkey rsa:1024 -nodes -subj /CN=weak -keyout server.key -out weak.csr 2>openssl.err &&
        openssl x509 -req -sha1 -days 2 -in weak.csr -CA authority.pem -CAkey authority.key -CAcreateserial \
            -out server.pem 2>openssl.err || fail "openssl did not create a weak certificate" openssl.err
    taken
    local patterns=('psk:1: the key has 4 bytes' 'server\.pem: the certificate has an RSA key of 1024 bits'
        'server\.pem: the certificate is signed over SHA1') pattern
    for pattern in "${patterns[@]}"; do
        has_line "^# warning: .*$pattern" taken.out || fail "check does not warn: $pattern" taken.out
    done
    start_echo --config server.toml
    for pattern in "${patterns[@]}"; do logged "warning: .*$pattern"; done
    stop_echo
}

main
