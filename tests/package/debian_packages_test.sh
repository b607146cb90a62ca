#!/usr/bin/env bash
# debian_packages_test.sh SCRIPT: src/cmake/debian_packages.sh on machines that are made up: dpkg-query, apt-cache and apt-get
# are functions here, so that nothing is asked and nothing installed.
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
expect() {  # WHAT WANTED IS
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
expect "the first that can be had" "libboost1.81-dev" "$(asked_to_install)"

machine libboost-dev=1.74.0.3 -- libboost1.83-dev=1.83.0-4.2
need_packages "$boost" >/dev/null
expect "one that is too old does not do" "libboost1.83-dev" "$(asked_to_install)"

machine -- libboost-dev=1.90.0.1
need_packages "$boost" >/dev/null
expect "a newer one than there is today" "libboost-dev" "$(asked_to_install)"

machine -- a=1 libboost-dev=1.74.0.3
said=$(need_packages a "$boost" nosuch 2>&1)
expect "one that cannot be had: it fails" 1 $?
expect "the others are installed" "a" "$(asked_to_install)"
expect "what cannot be had is named" "ERROR: no apt source has libboost1.81-dev, or libboost1.83-dev, or libboost-dev>=1.81
ERROR: no apt source has nosuch" "$(grep ERROR <<<"$said")"

machine -- a=1
no_root=1
said=$(need_packages a 2>&1)
expect "who may not install: it fails" 1 $?
expect "... and is told" "ERROR: apt-get could not install all of: a (are you root, or may you use sudo?)" "$(grep ERROR <<<"$said")"

machine
said=$(QUIVIVE_NO_INSTALL=1 need_packages a 2>&1)
expect "QUIVIVE_NO_INSTALL goes on" 0 $?
expect "... and asks for nothing" "" "$(cat "$asked")"

judged() {  # NAME VERSION [CHANGELOG]
    machine "$1=$2"
    changelog=${3:-}
    judge_gnutls "$1"
}
expect "Debian 12 before its patch" holes "$(judged libgnutls30 3.7.9-2+deb12u6)"
expect "Debian 12" mended "$(judged libgnutls30 3.7.9-2+deb12u7)"
expect "Debian 13 when it came out" holes "$(judged libgnutls30t64 3.8.9-3)"
expect "Debian 13 before its patch" holes "$(judged libgnutls30t64 3.8.9-3+deb13u3)"
expect "Debian 13" mended "$(judged libgnutls30t64 3.8.9-3+deb13u4)"
expect "the version that has it" mended "$(judged libgnutls30t64 3.8.13-1)"
expect "newer" mended "$(judged libgnutls30t64 3.9.0-1)"
expect "another system's, which says nothing" unknown "$(judged libgnutls30t64 3.8.3-1.1ubuntu3.4)"
expect "another system's, which names two" unknown "$(judged libgnutls30t64 3.8.3-1 "CVE-2026-33845 CVE-2026-33846")"
expect "another system's, which names all" mended "$(judged libgnutls30t64 3.8.3-1 "${gnutls_holes[*]}")"

machine libgnutls30t64=3.8.9-3+deb13u4
expect "the package of Debian 13 is found" libgnutls30t64 "$(gnutls_package)"
expect "a good one: no word" "" "$(need_mended_gnutls 2>&1)"
machine libgnutls30=3.7.9-2+deb12u6
said=$(need_mended_gnutls 2>&1)
expect "a bad one is named, with an upgrade tried" \
    "WARNING: libgnutls30 3.7.9-2+deb12u6 has known vulnerabilities in DTLS: CVE-2026-33845 CVE-2026-33846 CVE-2026-42009" \
    "$(sed -n 1p <<<"$said")"
expect "... by installing it" "libgnutls30 libgnutls28-dev" "$(asked_to_install)"
machine libgnutls30t64=3.8.3-1
expect "one that cannot be judged" \
    "WARNING: libgnutls30t64 3.8.3-1 may lack fixes for CVE-2026-33845 CVE-2026-33846 CVE-2026-42009; 3.8.13 has them" \
    "$(need_mended_gnutls 2>&1)"

echo "$failures failures"
((failures == 0))
