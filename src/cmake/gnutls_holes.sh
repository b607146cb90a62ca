# shellcheck shell=bash
# Sourced by debian_packages.sh: checks whether the known vulnerabilities of the installed GnuTLS are fixed.
#
# GnuTLS before 3.8.13 has three vulnerabilities in DTLS, which a peer can exploit before it is authenticated, once its
# address is validated. Debian has backported the fixes.
gnutls_holes=(CVE-2026-33845 CVE-2026-33846 CVE-2026-42009)

need_mended_gnutls() {
    local name
    if ! name=$(gnutls_package); then
        echo "Cannot check whether this GnuTLS has fixes for ${gnutls_holes[*]}: not a Debian package; 3.8.13 has them" >&2
        return
    fi
    [[ $(judge_gnutls "$name") == holes ]] || { warn_of_gnutls "$name"; return; }
    warn_of_gnutls "$name"
    echo "Trying to upgrade it" >&2
    as_root apt-get -qq update && apt_install "$name" libgnutls28-dev || true
    warn_of_gnutls "$name"
}

gnutls_package() {  # prints the name of the installed package, which since Debian 13 includes the width of time_t
    local name
    for name in libgnutls30t64 libgnutls30; do version_of "$name" >/dev/null && echo "$name" && return; done
    return 1
}

judge_gnutls() {  # NAME: prints mended, holes or unknown
    local have mended hole
    have=$(version_of "$1")
    case $have in
        3.7.9-2+deb12*) mended=3.7.9-2+deb12u7 ;;
        3.8.9-3+deb13* | 3.8.9-3) mended=3.8.9-3+deb13u4 ;;
        *) mended=3.8.13 ;;
    esac
    if dpkg --compare-versions "$have" ge "$mended"; then echo mended && return; fi
    [[ $mended == 3.8.13 ]] || { echo holes && return; }
    for hole in "${gnutls_holes[@]}"; do  # a package of another distribution: its changelog may name the fixes
        zgrep -q "$hole" "/usr/share/doc/$1/changelog.Debian.gz" 2>/dev/null || { echo unknown && return; }
    done
    echo mended
}

warn_of_gnutls() {  # NAME
    case $(judge_gnutls "$1") in
        holes) echo "WARNING: $1 $(version_of "$1") has known vulnerabilities in DTLS: ${gnutls_holes[*]}" >&2 ;;
        unknown) echo "WARNING: $1 $(version_of "$1") may lack fixes for ${gnutls_holes[*]}; 3.8.13 has them" >&2 ;;
    esac
}
