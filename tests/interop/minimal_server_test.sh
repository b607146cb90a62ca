#!/usr/bin/env bash
# minimal_server_test.sh SERVER SOURCE_DIR COMPILER: examples/minimal_server.cpp serves clients of other projects after a
# HelloVerifyRequest (RFC 6347 4.2.1). With patches/cookieless.diff applied, it serves them without one.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

source_dir=$1 compiler=$2
need_tools openssl gnutls-cli tshark dumpcap patch nm pkg-config perl

main() {
    make_certificate server
    wrong_arguments_are_told
    hostile_datagrams_do_no_harm
    long_messages_come_back
    mkdir -p examples
    cp "$source_dir/examples/minimal_server.cpp" examples/
    build with_cookies examples/minimal_server.cpp "$here/no_sleep.cpp"
    build early_data_client "$here/early_data_client.cpp"
    expect_cookie_exchange yes ./with_cookies 0 server.pem server.key
    data_behind_the_finished_comes_back ./with_cookies
    build_patched
    expect_cookie_exchange no ./cookieless 0 server.pem server.key
    data_behind_the_finished_comes_back ./cookieless
}

wrong_arguments_are_told() {
    local arguments status
    for arguments in "" "0 server.pem" "0 nowhere.pem server.key" "70000 server.pem server.key" \
        "0 server.pem server.key nowhere"; do
        status=0
        # shellcheck disable=SC2086  # split into words on purpose
        timeout 20 "$program" $arguments >out 2>err || status=$?
        ((status == 2)) || fail "'$arguments' ended with $status" err
        (($(wc -l <err) == 1)) || fail "'$arguments': the error is not one line" err
    done
}

# Unknown peers send an empty datagram, a bare header and noise before a client connects.
hostile_datagrams_do_no_harm() {
    start_server "$program" 0 server.pem server.key
    local datagram
    for datagram in '' '\x17\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x00\x3e\x80' 'noise' \
        '\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x01'; do
        perl -MIO::Socket::INET -e 'IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:$ARGV[0]")
            ->send(eval "qq{$ARGV[1]}")' "$port" "$datagram" || fail "a hostile datagram was not sent"
    done
    talk_with_openssl certificate
    stop_server TERM
}

# The message is longer than GnuTLS's default MTU allows it to send.
long_messages_come_back() {
    start_server "$program" 0 server.pem server.key
    local said
    said=$(printf 'thirteen byte%.0s' {1..100})
    talk_with_openssl certificate -mtu 1400
    stop_server TERM
}

# No further datagram announces this data: it is in the datagram that ended the handshake.
data_behind_the_finished_comes_back() {  # SERVER
    start_server "$1" 0 server.pem server.key
    timeout 30 ./early_data_client "$port" 2>client.err || fail "data after the Finished is lost: $1" client.err server.err
    stop_server TERM
}

# The servers built here abort if GnuTLS sleeps (no_sleep.cpp), which would cost 100 ms in every handshake.
build() {  # NAME SOURCE...
    local flags
    read -ra flags < <(pkg-config --cflags --libs gnutls)
    "$compiler" -std=c++20 -Wall -Wextra -Werror "${@:2}" -o "$1" "${flags[@]}" 2>compiler.err ||
        fail "$1 does not compile" compiler.err
}

build_patched() {
    patch -b -p1 <"$source_dir/patches/cookieless.diff" >patch.out 2>&1 || fail "the patch does not apply" patch.out
    [[ -f examples/minimal_server.cpp.orig ]] || fail "patch -b kept no copy" patch.out
    build cookieless examples/minimal_server.cpp "$here/no_sleep.cpp"
    nm -u cookieless >symbols
    has_line 'gnutls_dtls_prestate_set' symbols || fail "nm does not show gnutls_dtls_prestate_set" symbols
    ! has_line 'gnutls_dtls_cookie_' symbols || fail "the patched server still calls cookie functions" symbols
}

main
