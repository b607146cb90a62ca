# shellcheck shell=bash
# shellcheck disable=SC2034  # the lists are for those who source this
# Sourced by tests/run.sh and examples/run.sh: the Debian packages that quivive is built from, and how they are installed.
#
# A package is NAME, NAME>=VERSION, or several of these with | between them, of which the first that can be had will do.

quivive_packages=(g++ cmake ninja-build pkg-config libgnutls28-dev
    'libboost1.81-dev|libboost1.83-dev|libboost-dev>=1.81' libtomlplusplus-dev)
quivive_program_packages=(libcli11-dev libspdlog-dev prometheus-cpp-dev)
quivive_test_packages=(binutils mold python3 patch procps iproute2 catch2 libssl-dev openssl gnutls-bin libcoap3-bin tshark)

# need_packages PACKAGE...: installs those that are missing, and asks nothing of the network when none is. Fails when one
# cannot be had, in words that name it; the others are installed all the same. With QUIVIVE_NO_INSTALL set it installs
# nothing, for who has the tools by other means.
need_packages() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian; please see to it that there are: $*" >&2
        return
    fi
    for package; do is_installed "$package" || missing+=("$package"); done
    ((${#missing[@]})) || return 0
    if [[ -n ${QUIVIVE_NO_INSTALL:-} ]]; then
        echo "QUIVIVE_NO_INSTALL is set; going on without: ${missing[*]}" >&2
        return
    fi
    install_missing "${missing[@]}" || {
        echo "To go on with tools that are there by other means: QUIVIVE_NO_INSTALL=1" >&2
        return 1
    }
}

install_missing() {
    local package name chosen=() none=()
    as_root apt-get -qq update || echo "WARNING: apt-get update failed; going by the lists that are there" >&2
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
    for package in "${none[@]}"; do echo "ERROR: no source of apt has ${package//|/, or }" >&2; done
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

first_to_be_had() {  # PACKAGE: its name
    local one candidate
    for one in ${1//|/ }; do
        candidate=$(LC_ALL=C apt-cache policy "${one%%>=*}" 2>/dev/null | sed -n 's/^ *Candidate: *//p')
        [[ $candidate == '(none)' ]] && continue
        is_enough "$one" "$candidate" && echo "${one%%>=*}" && return
    done
    return 1
}

is_enough() {  # NAME[>=VERSION] VERSION: is that a version at all, and as new?
    [[ -n $2 ]] || return 1
    [[ $1 != *'>='* ]] || dpkg --compare-versions "$2" ge "${1#*>=}"
}

version_of() {  # NAME: of an installed package
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

# GnuTLS before 3.8.13 has three holes in its DTLS, which a peer reaches before it has proven anything but its address.
# Debian mends them in older versions.
gnutls_holes=(CVE-2026-33845 CVE-2026-33846 CVE-2026-42009)

need_mended_gnutls() {
    local name
    if ! name=$(gnutls_package); then
        echo "Whether this GnuTLS has ${gnutls_holes[*]} mended cannot be told without a package of Debian; 3.8.13 has" >&2
        return
    fi
    [[ $(judge_gnutls "$name") == holes ]] || { warn_of_gnutls "$name"; return; }
    warn_of_gnutls "$name"
    echo "Trying to upgrade it" >&2
    as_root apt-get -qq update && apt_install "$name" libgnutls28-dev || true
    warn_of_gnutls "$name"
}

gnutls_package() {  # the name of the installed one: since Debian 13 it tells the width of time_t
    local name
    for name in libgnutls30t64 libgnutls30; do version_of "$name" >/dev/null && echo "$name" && return; done
    return 1
}

judge_gnutls() {  # NAME: mended, holes or unknown
    local have mended hole
    have=$(version_of "$1")
    case $have in
        3.7.9-2+deb12*) mended=3.7.9-2+deb12u7 ;;
        3.8.9-3+deb13* | 3.8.9-3) mended=3.8.9-3+deb13u4 ;;
        *) mended=3.8.13 ;;
    esac
    if dpkg --compare-versions "$have" ge "$mended"; then echo mended && return; fi
    [[ $mended == 3.8.13 ]] || { echo holes && return; }
    for hole in "${gnutls_holes[@]}"; do  # another system's package: it may say so itself
        zgrep -q "$hole" "/usr/share/doc/$1/changelog.Debian.gz" 2>/dev/null || { echo unknown && return; }
    done
    echo mended
}

warn_of_gnutls() {  # NAME
    case $(judge_gnutls "$1") in
        holes) echo "WARNING: $1 $(version_of "$1") has known holes in DTLS: ${gnutls_holes[*]}" >&2 ;;
        unknown) echo "WARNING: whether $1 $(version_of "$1") has ${gnutls_holes[*]} mended cannot be told; 3.8.13 has" >&2 ;;
    esac
}
