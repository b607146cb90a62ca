#!/usr/bin/env bash
# debian_packages_test.sh SCRIPT: tests src/cmake/debian_packages.sh on simulated machines. dpkg-query, apt-cache and apt-get
# are functions here, so the test queries no packages and installs none.
set -uo pipefail
. "$1"

declare -A installed available  # NAME -> version
dpkg-query() { [[ -z ${installed[${!#}]:-} ]] || echo "installed ${installed[${!#}]}"; }
apt-cache() { [[ -z ${available[$2]:-} ]] || printf '%s:\n  Candidate: %s\n' "$2" "${available[$2]}"; }
zgrep() { [[ " ${changelog:-} " == *" $2 "* ]]; }
as_root() {
    echo "$*" >>"$asked"
    [[ -z ${no_root:-} ]]
}
asked=$(mktemp)
trap 'rm "$asked"' EXIT

failures=0
expect() {  # NAME WANTED IS
    [[ $2 == "$3" ]] && return
    printf '%s:\n  wanted: %s\n  is:     %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
}

asked_to_install() { sed -n 's/.*--no-install-recommends //p' "$asked"; }

machine() {  # installed packages, then available ones: NAME=VERSION... -- NAME=VERSION...
    installed=() available=() no_root='' changelog=''
    : >"$asked"
    local one
    while (($#)) && [[ $1 != -- ]]; do installed[${1%%=*}]=${1#*=}; shift; done
    for one in "${@:2}"; do available[${one%%=*}]=${one#*=}; done
}

boost='libboost1.81-dev|libboost1.83-dev|libboost-dev>=1.81'

machine a=1 libboost1.83-dev=1.83.0-4.2
expect "nothing is missing" "0 " "$(need_packages a "$boost" 2>&1; echo $?) $(cat "$asked")"

machine -- libboost1.81-dev=1.81.0-5 libboost-dev=1.74.0.3
need_packages "$boost" >/dev/null
expect "the first available alternative is installed" "libboost1.81-dev" "$(asked_to_install)"

machine libboost-dev=1.74.0.3 -- libboost1.83-dev=1.83.0-4.2
need_packages "$boost" >/dev/null
expect "a version that is too old is replaced" "libboost1.83-dev" "$(asked_to_install)"

machine -- libboost-dev=1.90.0.1
need_packages "$boost" >/dev/null
expect "a future version is accepted" "libboost-dev" "$(asked_to_install)"

machine -- a=1 libboost-dev=1.74.0.3
said=$(need_packages a "$boost" nosuch 2>&1)
expect "need_packages fails for an unavailable package" 1 $?
expect "the available packages are installed" "a" "$(asked_to_install)"
expect "each unavailable package is named" "ERROR: no apt source has libboost1.81-dev, or libboost1.83-dev, or libboost-dev>=1.81
ERROR: no apt source has nosuch" "$(grep ERROR <<<"$said")"

machine -- a=1
no_root=1
said=$(need_packages a 2>&1)
expect "need_packages fails without the right to install" 1 $?
expect "the error names the missing right" "ERROR: apt-get could not install all of: a (are you root, or may you use sudo?)" "$(grep ERROR <<<"$said")"

machine
said=$(QUIVIVE_NO_INSTALL=1 need_packages a 2>&1)
expect "need_packages succeeds with QUIVIVE_NO_INSTALL" 0 $?
expect "need_packages installs nothing with QUIVIVE_NO_INSTALL" "" "$(cat "$asked")"

judged() {  # NAME VERSION [CHANGELOG]
    machine "$1=$2"
    changelog=${3:-}
    judge_gnutls "$1"
}
expect "Debian 12 before its patch" holes "$(judged libgnutls30 3.7.9-2+deb12u6)"
expect "Debian 12" mended "$(judged libgnutls30 3.7.9-2+deb12u7)"
expect "Debian 13 at its release" holes "$(judged libgnutls30t64 3.8.9-3)"
expect "Debian 13 before its patch" holes "$(judged libgnutls30t64 3.8.9-3+deb13u3)"
expect "Debian 13" mended "$(judged libgnutls30t64 3.8.9-3+deb13u4)"
expect "the version with the fixes" mended "$(judged libgnutls30t64 3.8.13-1)"
expect "a newer version" mended "$(judged libgnutls30t64 3.9.0-1)"
expect "another version without a changelog entry" unknown "$(judged libgnutls30t64 3.8.3-1.1ubuntu3.4)"
expect "another version that names two fixes" unknown "$(judged libgnutls30t64 3.8.3-1 "CVE-2026-33845 CVE-2026-33846")"
expect "another version that names all fixes" mended "$(judged libgnutls30t64 3.8.3-1 "${gnutls_holes[*]}")"

machine libgnutls30t64=3.8.9-3+deb13u4
expect "the package of Debian 13 is found" libgnutls30t64 "$(gnutls_package)"
expect "a fixed version causes no warning" "" "$(need_mended_gnutls 2>&1)"
machine libgnutls30=3.7.9-2+deb12u6
said=$(need_mended_gnutls 2>&1)
expect "a vulnerable version is named" \
    "WARNING: libgnutls30 3.7.9-2+deb12u6 has known vulnerabilities in DTLS: CVE-2026-33845 CVE-2026-33846 CVE-2026-42009" \
    "$(sed -n 1p <<<"$said")"
expect "the script tries to upgrade a vulnerable version" "libgnutls30 libgnutls28-dev" "$(asked_to_install)"
machine libgnutls30t64=3.8.3-1
expect "a version of unknown state is named" \
    "WARNING: libgnutls30t64 3.8.3-1 may lack fixes for CVE-2026-33845 CVE-2026-33846 CVE-2026-42009; 3.8.13 has them" \
    "$(need_mended_gnutls 2>&1)"

echo "$failures failures"
((failures == 0))
