#!/usr/bin/env bash
# usage_test.sh QUIVIVE BUILD: each mistake on the command line, or in a file named there, is reported in one line on stderr
# that states the correct form, with exit code 2. Nothing starts, and nothing crashes.
set -u
# shellcheck source=tests/program/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_tools openssl certtool
build=$1

main() {
    make_files
    help_is_no_mistake
    wrong_words
    wrong_values
    wrong_together
    bad_certificates
    bad_keys
    bad_psk_files
    bad_secrets
    bad_states
    all_problems_at_once
    wrong_client_options
    echo "$refused mistakes were refused"
}

refused=0
listen=(--listen 127.0.0.1:0)

# `quivive ARGUMENT...` must fail with 2 and print one line that contains TEXT.
refuse() {  # TEXT ARGUMENT...
    refuse_with 1 "$@"
}

refuse_with() {  # LINES TEXT ARGUMENT...
    local lines=$1 text=$2 status=0
    shift 2
    without_leak_check timeout 20 "$program" "$@" >out 2>err </dev/null || status=$?
    [[ $status == 2 ]] || fail "exit code $status instead of 2: quivive $*" err
    [[ ! -s out ]] || fail "quivive $* prints to stdout" out
    [[ $(wc -l <err) == "$lines" ]] || fail "quivive $* does not print exactly $lines line(s) on stderr" err
    ! grep -vq '^quivive: error: ' err ||
        fail "quivive $* prints a line on stderr that does not begin with 'quivive: error: '" err
    grep -qF -- "$text" err || fail "quivive $* does not print '$text' on stderr" err
    ((++refused))
}

accept() {  # TEXT ARGUMENT...
    local text=$1
    shift
    without_leak_check timeout 20 "$program" "$@" >out 2>err || fail "exit code $? instead of 0: quivive $*" err
    grep -qF -- "$text" out || fail "quivive $* does not print '$text' on stdout" out
}

make_files() {
    make_certificate good
    make_certificate other
    printf 'cn = "localhost"\nactivation_date = "2020-01-01 00:00:00"\nexpiration_date = "2021-01-01 00:00:00"\n' \
        >expired.cfg
    certtool --generate-self-signed --load-privkey good.key --template expired.cfg --outfile expired.pem \
        2>certtool.err || fail "certtool did not create an expired certificate" certtool.err
    openssl pkcs8 -topk8 -in good.key -passout pass:x -out encrypted.key
    echo garbage >garbage
    printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' >broken.pem
    head -c 2000 /dev/urandom >binary
    : >empty
    mkdir folder
}

help_is_no_mistake() {
    accept 'echo' --help
    accept '--listen ADDR:PORT' echo --help
    accept '--config FILE' echo --help
    accept 'SIGHUP' echo --help
    accept 'FILE' check --help
    accept '--insecure' client --help
    accept 'quivive ' --version
}

wrong_words() {
    refuse 'subcommand is required'
    refuse "'ecko' is not known" ecko
    refuse "'--foo' is not known" --foo echo
    refuse '--listen is required' echo
    refuse '--listen is required' forward --to 127.0.0.1:5683
    refuse '--listen without --to' forward "${listen[@]}"
    refuse 'FILE is required' check
    refuse "'stray' is not known" check missing.toml stray
    refuse "'--list' is not known" echo --list 127.0.0.1:0
    refuse "'stray' is not known" echo "${listen[@]}" stray
    refuse '(see quivive echo --help)' echo "${listen[@]}" --foo
}

wrong_values() {
    refuse 'ADDR:PORT missing' echo --listen
    local address option
    for address in '' localhost:1 127.0.0.1 127.0.0.1: :4433 127.0.0.1:65536 127.0.0.1:-1 127.0.0.1:x 256.0.0.1:1 \
        ::1:4433 '[::1]' '[::1:4433' '127.0.0.1:1 '; do
        refuse "'$address' is not ADDR:PORT" echo --listen "$address"
    done
    for address in '' localhost:1 127.0.0.1 :9433; do
        refuse "--metrics: '$address' is not ADDR:PORT" echo "${listen[@]}" --metrics "$address"
    done
    refuse "'' is not the name of a file" echo --config ''
    refuse missing.toml echo --config missing.toml
    refuse "'0x2' is not a whole number from 0 to 1024" echo "${listen[@]}" --threads 0x2
    refuse "'1025' is not a whole number" echo "${listen[@]}" --threads 1025
    refuse "'257' is not a whole number from 0 to 256" echo "${listen[@]}" --handshake-threads 257
    refuse "'-1' is not a number of seconds" echo "${listen[@]}" --idle-timeout -1
    refuse "'soon' is not a number of seconds" echo "${listen[@]}" --idle-timeout soon
    refuse "'0' is not a number of seconds above 0" echo "${listen[@]}" --handshake-timeout 0
    refuse "'0' is not a whole number from 1" echo "${listen[@]}" --max-half-open 0
    refuse "'maybe' is not 'always', 'never', 'adaptive' or 'drop'" echo "${listen[@]}" --cookies maybe
    refuse '--threads' echo "${listen[@]}" --threads 1 --threads 2
    refuse "'maybe' is not 'on' or 'off'" echo "${listen[@]}" --connection-ids maybe
    refuse "'loose' is not 'detached' or 'attached'" echo "${listen[@]}" --record-layer loose
    for option in --state --psk-file --cookie-secret; do
        refuse "$option: '' is not the name" echo "${listen[@]}" "$option" ''
    done
}

wrong_together() {
    refuse '--cert requires --key' echo "${listen[@]}" --cert good.pem
    refuse '--key requires --cert' echo "${listen[@]}" --key good.key
    case $build in  # QUIVIVE_COOKIES
        RUNTIME) refuse 'RFC 6347 4.2.1' echo "${listen[@]}" --cookies never ;;
        ALWAYS) refuse 'ALWAYS' echo "${listen[@]}" --cookies never --trust-all-networks ;;
        NEVER) refuse 'NEVER' echo "${listen[@]}" --cookies always ;;
    esac
    refuse 'connection_ids.enabled' echo "${listen[@]}" --connection-ids on --record-layer attached
}

bad_certificates() {
    local file
    for file in missing.pem garbage binary empty folder broken.pem good.key; do
        refuse "$file" echo "${listen[@]}" --cert "$file" --key good.key
    done
    refuse 'expired' echo "${listen[@]}" --cert expired.pem --key good.key
}

bad_keys() {
    local file
    for file in missing.key garbage binary empty folder good.pem; do
        refuse "$file" echo "${listen[@]}" --cert good.pem --key "$file"
    done
    refuse 'encrypted' echo "${listen[@]}" --cert good.pem --key encrypted.key
    refuse 'not the key of the certificate' echo "${listen[@]}" --cert good.pem --key other.key
}

bad_psk_files() {
    local line
    while read -r line; do
        printf '# keys\n\nfirst:00ff\n%b\n' "$line" >psk
        refuse 'psk:4: ' echo "${listen[@]}" --psk-file psk
        grep -qE '5ec|aabb' err && fail "a message contains a key" err
    done <<'LINES'
nocolon
:00ff
id:
id:0
id:5ecret
id:0g
first:aabb
LINES
    local file
    for file in missing empty folder; do
        refuse "$file" echo "${listen[@]}" --psk-file "$file"
    done
}

bad_secrets() {
    [[ $build != NEVER ]] || return 0  # this build signs no cookies
    head -c 15 /dev/urandom >short
    head -c 16 /dev/urandom >open
    chmod 600 short
    chmod 640 open
    refuse 16 echo "${listen[@]}" --cookie-secret short
    refuse 600 echo "${listen[@]}" --cookie-secret open
    local file
    for file in missing empty folder; do
        refuse "$file" echo "${listen[@]}" --cookie-secret "$file"
    done
}

bad_states() {
    local folder
    for folder in garbage garbage/below /proc/none; do
        refuse "state: $folder: cannot be used" echo "${listen[@]}" --state "$folder"
    done
    mkdir spoilt
    echo key >spoilt/key
    chmod 600 spoilt/key
    refuse 'spoilt/key' echo "${listen[@]}" --state spoilt
    refuse 'state: garbage: cannot be used' forward "${listen[@]}" --to 127.0.0.1:9 --state garbage
}

all_problems_at_once() {
    refuse_with 2 'missing.key' echo "${listen[@]}" --cert missing.pem --key missing.key
    printf 'a:0\nb:x\nc\n' >psk
    refuse_with 3 'psk:3: ' echo "${listen[@]}" --psk-file psk
}

wrong_client_options() {
    refuse 'server is required' client --insecure
    refuse "'nowhere' is not ADDR:PORT" client nowhere --insecure
    refuse '--pin,--insecure,--psk] is required' client 127.0.0.1:1
    refuse '--ca excludes --pin' client 127.0.0.1:1 --ca good.pem --pin sha256:AAAA
    refuse '--pin excludes --insecure' client 127.0.0.1:1 --insecure --pin sha256:AAAA
    refuse 'ID:HEX' client 127.0.0.1:1 --psk id:5ecret
    refuse "'maybe' is not 'on' or 'off'" client 127.0.0.1:1 --insecure --connection-ids maybe
    refuse "'0' is not a number of seconds" client 127.0.0.1:1 --insecure --timeout 0
    local pin
    for pin in AAAA sha256: sha256:AAAA sha1:AAAA 'sha256:!!!!' sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF; do
        refuse 'pin' client 127.0.0.1:1 --pin "$pin"
    done
    refuse missing.pem client 127.0.0.1:1 --ca missing.pem --server-name localhost
    refuse garbage client 127.0.0.1:1 --ca garbage --server-name localhost
    refuse missing.key client 127.0.0.1:1 --insecure --cert good.pem --key missing.key
}

main
