#!/usr/bin/env bash
# program_credentials_test.sh QUIVIVE alpn|prefer|names|alerts|servers|curves: credentials and negotiation, with the clients of
# OpenSSL and GnuTLS: no common application protocol, certificate or PSK, invalid server names, rejected certificates, and the
# alerts for them.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"

need_tools openssl gnutls-cli

# Runs `openssl s_client ARGUMENT...`, which performs a handshake and ends; its output is in client.out and client.err.
by_openssl() {
    timeout --kill-after=5 30 openssl s_client -dtls1_2 -connect "$address" "$@" \
        >client.out 2>client.err </dev/null || true
}

connected() { has_line "Cipher is $1\$" client.out || fail "not connected by $1" client.out client.err server.err; }

refused_by_alert() {  # NUMBER
    has_line "SSL alert number $1\$" client.err || fail "no alert $1" client.out client.err server.err
}

config() { cat >server.toml; }

server_toml() {  # LINE...: prints a configuration with a certificate, and the lines before [credentials]
    printf '%s\n' 'listen = ["127.0.0.1:0"]' "$@" '[credentials]' 'certificate = "server.pem"' 'key = "server.key"'
}

alpn() {
    server_toml 'alpn = ["coap"]' | config
    start_echo --config server.toml
    by_openssl -alpn mqtt
    refused_by_alert 120
    by_openssl -alpn mqtt,coap
    connected '.*'
    has_line '^ALPN protocol: coap' client.out || fail "no protocol was negotiated" client.out
    by_openssl
    connected '.*'
    stop_echo
    expect_counter handshakes_failed 1

    server_toml 'alpn = ["coap"]' 'alpn_required = false' | config
    start_echo --config server.toml
    has_line 'warning.*alpn_required' server.err || fail "no warning" server.err
    by_openssl -alpn mqtt
    connected '.*'
    has_line '^No ALPN negotiated' client.out || fail "a protocol was negotiated" client.out
    stop_echo
}

prefer() {
    local key=00112233445566778899aabbccddeeff
    echo "alice:$key" >psk.txt
    local certificate='ECDHE-ECDSA-AES128-GCM-SHA256' psk='PSK-AES128-GCM-SHA256' prefer
    local with_key=(-psk "$key" -psk_identity alice)
    for prefer in client certificate psk; do
        { server_toml; echo 'psk_file = "psk.txt"'; echo "prefer = \"$prefer\""; } | config
        start_echo --config server.toml
        by_openssl "${with_key[@]}" -cipher "$psk:$certificate"
        case $prefer in certificate) connected "$certificate" ;; *) connected "$psk" ;; esac
        by_openssl "${with_key[@]}" -cipher "$certificate:$psk"
        case $prefer in psk) connected "$psk" ;; *) connected "$certificate" ;; esac
        by_openssl "${with_key[@]}" -cipher "$psk"
        connected "$psk"
        by_openssl -cipher "$certificate"
        connected "$certificate"
        # gnutls-cli's own order has the suites with certificates first.
        timeout --kill-after=5 30 gnutls-cli --udp --insecure --pskusername alice --pskkey "$key" \
            --priority 'NORMAL:-VERS-ALL:+VERS-DTLS1.2:+PSK' -p "$port" 127.0.0.1 >client.out 2>&1 </dev/null || true
        case $prefer in
            psk) has_line '^- Description: .*-\(PSK\)-' client.out || fail "not by PSK" client.out ;;
            *) has_line '^- Description: .*-\(ECDHE-' client.out || fail "not by certificate" client.out ;;
        esac
        stop_echo
    done
}

names() {
    server_toml '[metrics]' 'listen = "127.0.0.1:0"' | config
    start_echo --config server.toml
    local name
    for name in ::1 a_b; do
        by_openssl -servername "$name"
        refused_by_alert 47
    done
    logged 'no handshake with 127\.0\.0\.1:[0-9]+: .*server name \(SNI\).* no DNS name'
    for name in localhost 127.0.0.1 a-b.example; do
        by_openssl -servername "$name"
        connected '.*'
    done
    scrape
    has_line '^quivive_server_names_rejected_total 2' metrics || fail "the metric does not count two rejected names" metrics
    stop_echo
    expect_counter server_names_rejected 2
    expect_counter handshakes_failed 2
}

# Makes NAME.pem, signed by ca.
sign() {  # NAME OPENSSL-CA-ARGUMENT...
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$1.key" \
        -out "$1.csr" 2>openssl.err || fail "no request" openssl.err
    openssl ca -batch -config ca.conf -in "$1.csr" -out "$1.pem" -notext "${@:2}" 2>openssl.err ||
        fail "no certificate" openssl.err
}

make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=authority \
        -addext 'basicConstraints=critical,CA:TRUE' -keyout ca.key -out ca.pem 2>openssl.err ||
        fail "no authority" openssl.err
    : >index.txt
    cat >ca.conf <<'CONF'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
certificate = ca.pem
private_key = ca.key
default_md = sha256
default_days = 2
default_crl_days = 2
policy = any
[any]
commonName = supplied
[for_servers]
extendedKeyUsage = serverAuth
CONF
}

alerts() {
    make_authority
    sign good
    sign old -startdate 20200101000000Z -enddate 20210101000000Z
    sign servers -extensions for_servers
    make_certificate stranger
    { server_toml; echo 'client_auth = "require"'; echo 'client_ca = "ca.pem"'; } | config
    start_echo --config server.toml -v
    shown() { by_openssl -cert "$1.pem" -key "$1.key"; }
    shown good
    connected '.*'
    shown old
    refused_by_alert 45
    shown stranger
    refused_by_alert 48
    shown servers
    refused_by_alert 43
    by_openssl
    refused_by_alert 40
    logged 'certificate was rejected: .*expired'
    logged 'certificate was rejected: no trusted authority'
    stop_echo
    expect_counter handshakes_failed 4

    # quivive does not evaluate certificate revocation lists, so it refuses a file with one.
    openssl ca -config ca.conf -gencrl -out crl.pem 2>openssl.err || fail "no CRL" openssl.err
    cat crl.pem >>ca.pem
    local code=0
    "$program" check server.toml >check.out 2>check.err || code=$?
    [[ $code == 2 ]] || fail "a CRL is not refused: $code" check.out check.err
    has_line 'ca\.pem: .*X509 CRL' check.err || fail "the error does not name the CRL" check.err
}

# `openssl s_server` presents NAME.pem; `quivive client` must reject it, print the reason and send the alert.
refused_server() {  # ALERT WHY NAME [OPTION...]
    : >s_server.out
    openssl s_server -dtls1_2 -timeout -accept 127.0.0.1:0 -cert "$3.pem" -key "$3.key" "${@:4}" \
        <&"$silence" >s_server.out 2>s_server.err &
    local pid=$!
    started+=("$pid")
    wait_until 20 has_line '^ACCEPT (.*)$' s_server.out || fail "s_server does not listen" s_server.out s_server.err
    local code=0
    echo hello | timeout --kill-after=5 60 "$program" client "${BASH_REMATCH[1]}" --ca ca.pem --server-name localhost \
        >client.out 2>client.err || code=$?
    [[ $code == 1 ]] || fail "the client exited with $code, expected 1" client.out client.err
    has_line "certificate was rejected: .*$2" client.err || fail "the client did not print the reason: $2" client.err
    wait_until 20 has_line "SSL alert number $1\$" s_server.err || fail "no alert $1" s_server.err
    kill "$pid"
}

servers() {
    make_authority
    printf '[named]\nsubjectAltName = DNS:localhost\n[for_clients]\nextendedKeyUsage = clientAuth\n' >>ca.conf
    sign localhost -extensions named
    sign old -startdate 20200101000000Z -enddate 20210101000000Z -extensions named
    sign clients -extensions for_clients
    make_certificate stranger
    refused_server 45 expired old
    refused_server 48 'no trusted authority' stranger
    refused_server 43 'not for this use' clients
    openssl ca -config ca.conf -revoke localhost.pem 2>openssl.err || fail "not revoked" openssl.err
    openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -issuer ca.pem -cert localhost.pem \
        -respout revoked.der -ndays 2 -no_nonce >openssl.err 2>&1 || fail "no OCSP answer" openssl.err
    refused_server 44 revoked localhost -status_file revoked.der
}

curves() {
    server_toml | config
    start_echo --config server.toml
    by_openssl -groups X25519
    refused_by_alert 40
    has_line 'handshake failure' client.err || fail "no handshake_failure" client.err
    by_openssl -groups X25519:P-256
    connected '.*'
    stop_echo
    expect_counter handshakes_failed 1

    openssl req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=localhost -keyout server.key -out server.pem \
        2>openssl.err || fail "no certificate" openssl.err
    "$program" check server.toml >check.out 2>check.err || fail "quivive check refuses the certificate" check.err
    has_line '^# warning: .*Ed25519.*Mbed TLS 3\.6.*Botan 2.*werift' check.out || fail "no warning" check.out
    openssl req -x509 -newkey ed448 -nodes -days 2 -subj /CN=localhost -keyout server.key -out server.pem \
        2>openssl.err || fail "no certificate" openssl.err
    "$program" check server.toml >check.out 2>check.err || fail "quivive check refuses the certificate" check.err
    has_line '^# warning: .*Ed448.*no client' check.out || fail "no warning" check.out
}

make_certificate server
"$1"
echo "$1: good"
