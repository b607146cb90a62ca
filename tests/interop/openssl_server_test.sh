#!/usr/bin/env bash
# openssl_server_test.sh SERVER: examples/openssl_server.cpp serves clients of other projects after a HelloVerifyRequest
# (RFC 6347 4.2.1).
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/program/lib.sh
. "$here/../program/lib.sh"
# shellcheck source=tests/interop/program_clients.sh
. "$here/program_clients.sh"
# shellcheck source=tests/interop/lib.sh
. "$here/lib.sh"

need_tools openssl gnutls-cli tshark dumpcap
make_certificate server
expect_cookie_exchange yes "$program" 0 server.pem server.key
