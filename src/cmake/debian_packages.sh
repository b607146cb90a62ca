# shellcheck shell=bash
# Sourced by tests/run.sh and examples/run.sh.
# need_packages NAME...: installs those of these Debian packages that are missing; asks nothing of the network when none
# is. When it cannot install it says so and goes on: the tools may be there by other means.

as_root() {
    if [[ $(id -u) == 0 ]]; then "$@"; else sudo --non-interactive "$@"; fi
}

apt_install() {
    as_root apt-get -qq update &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "$@" </dev/null
}

version_of() { dpkg-query --show --showformat='${Version}' "$1" 2>/dev/null; }

need_packages() {
    local name missing=()
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian; please see to it that there are: $*" >&2
        return
    fi
    for name; do
        [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] ||
            missing+=("$name")
    done
    if ((${#missing[@]})); then
        echo "Installing ${missing[*]}"
        apt_install "${missing[@]}" || echo "Could not install ${missing[*]}; going on without" >&2
    fi
}

# Debian 12's GnuTLS before this one has three holes in its DTLS (CVE-2026-33845, -33846, -42009), which a peer reaches
# before it has proven anything but its address.
need_mended_gnutls() {
    local mended=3.7.9-2+deb12u7 have
    have=$(version_of libgnutls30) || return 0
    if dpkg --compare-versions "$have" ge "$mended"; then return; fi
    echo "WARNING: libgnutls30 $have has known holes in DTLS; $mended mends them. Trying to upgrade." >&2
    apt_install libgnutls30 libgnutls28-dev gnutls-bin || echo "WARNING: could not upgrade libgnutls30" >&2
}
