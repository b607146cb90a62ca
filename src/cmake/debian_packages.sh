# shellcheck shell=bash
# shellcheck disable=SC2034  # the lists are used by scripts that source this file
# Sourced by tests/run.sh and examples/run.sh: lists the Debian packages that quivive needs, and installs them.
#
# A package is NAME, NAME>=VERSION, or several alternatives separated by |, of which the first available one is used.

quivive_packages=(g++ cmake ninja-build pkg-config libgnutls28-dev
    'libboost1.81-dev|libboost1.83-dev|libboost-dev>=1.81' libtomlplusplus-dev)
quivive_program_packages=(libcli11-dev libspdlog-dev prometheus-cpp-dev)
quivive_test_packages=(binutils mold python3 patch procps iproute2 catch2 libssl-dev openssl gnutls-bin libcoap3-bin tshark)

# need_packages PACKAGE...: installs missing packages; does not use the network when none is missing. Fails with a message
# that names each unavailable package, after it has installed the others. Installs nothing if QUIVIVE_NO_INSTALL is set,
# for users who have the tools from another source.
need_packages() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian; please install the equivalents of: $*" >&2
        return
    fi
    for package; do is_installed "$package" || missing+=("$package"); done
    ((${#missing[@]})) || return 0
    if [[ -n ${QUIVIVE_NO_INSTALL:-} ]]; then
        echo "QUIVIVE_NO_INSTALL is set; continuing without: ${missing[*]}" >&2
        return
    fi
    install_missing "${missing[@]}" || {
        echo "To continue with tools from another source, set QUIVIVE_NO_INSTALL=1" >&2
        return 1
    }
}

install_missing() {
    local package name chosen=() none=()
    as_root apt-get -qq update || echo "WARNING: apt-get update failed; using the existing package lists" >&2
    for package; do
        if name=$(first_to_be_had "$package"); then chosen+=("$name"); else none+=("$package"); fi
    done
    if ((${#chosen[@]})); then
        echo "Installing ${chosen[*]}"
        apt_install "${chosen[@]}" || {
            echo "ERROR: apt-get could not install all of: ${chosen[*]} (are you root, or may you use sudo?)" >&2
            return 1
        }
    fi
    ((${#none[@]} == 0)) && return
    for package in "${none[@]}"; do echo "ERROR: no apt source has ${package//|/, or }" >&2; done
    return 1
}

is_installed() {  # PACKAGE
    local one have
    for one in ${1//|/ }; do
        have=$(version_of "${one%%>=*}") || continue
        is_enough "$one" "$have" && return
    done
    return 1
}

first_to_be_had() {  # PACKAGE: prints the name of the first available alternative
    local one candidate
    for one in ${1//|/ }; do
        candidate=$(LC_ALL=C apt-cache policy "${one%%>=*}" 2>/dev/null | sed -n 's/^ *Candidate: *//p')
        [[ $candidate == '(none)' ]] && continue
        is_enough "$one" "$candidate" && echo "${one%%>=*}" && return
    done
    return 1
}

is_enough() {  # NAME[>=VERSION] VERSION: succeeds when VERSION is not empty and new enough
    [[ -n $2 ]] || return 1
    [[ $1 != *'>='* ]] || dpkg --compare-versions "$2" ge "${1#*>=}"
}

version_of() {  # NAME: prints the version of an installed package
    local status version
    read -r status version < <(dpkg-query --show --showformat='${db:Status-Status} ${Version}\n' "$1" 2>/dev/null)
    [[ $status == installed ]] && echo "$version"
}

as_root() {
    if [[ $(id -u) == 0 ]]; then "$@"; else sudo --non-interactive "$@"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" </dev/null
}

# shellcheck source=src/cmake/gnutls_holes.sh
. "$(dirname "${BASH_SOURCE[0]}")/gnutls_holes.sh"
