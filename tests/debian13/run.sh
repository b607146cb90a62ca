#!/usr/bin/env bash
# tests/debian13/run.sh [--short | --if-cached]: builds this tree on Debian 13 and runs tests/run.sh there, as root.
#
# Makes a Debian 13 root with debootstrap, from the mirror that this machine's apt uses, and keeps it in
# ${XDG_CACHE_HOME:-$HOME/.cache}/quivive/debian13 for the next run. The tests run in this root, in a mount namespace that ends
# with them. --short runs the unit, layering and package tests only. --if-cached is --short if the root exists; otherwise it
# prints why it does not run (`tests/run.sh all` uses it). DEBIAN13_MIRROR names another mirror.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=src/cmake/debian_packages.sh
. "$source/src/cmake/debian_packages.sh"
root=${XDG_CACHE_HOME:-$HOME/.cache}/quivive/debian13
tree=/quivive  # inside the root
form=${1:-whole}

main() {
    case $form in
        whole | --short | --if-cached) ;;
        *) echo "usage: $0 [--short | --if-cached]" >&2; exit 2 ;;
    esac
    if [[ $form == --if-cached ]]; then
        [[ -d $root ]] || skip "there is no $root; tests/debian13/run.sh makes it"
        [[ $(id -u) == 0 ]] || skip "it needs root"
    fi
    [[ $(id -u) == 0 ]] || { echo "debian13: it needs root, for chroot and mounts" >&2; exit 1; }
    [[ -d $root ]] || make_root
    copy_tree
    unshare --mount --fork --kill-child bash -c "$(declare -f mount_and_enter); mount_and_enter '$root' '$tree' '$form'"
    echo "debian13: passed"
}

skip() {
    echo "debian13: not run: $1"
    exit 0
}

# The folder gets its final name only when it is complete, so that an interrupted run leaves no root that looks usable.
make_root() {
    need_packages debootstrap
    local mirror security
    mirror=${DEBIAN13_MIRROR:-$(site_of "$(host_release)")}
    security=$(site_of "$(host_release)-security")
    mkdir -p "$(dirname "$root")"
    rm -rf "$root.new"
    # shellcheck disable=SC2086  # an empty mirror is no argument: debootstrap then uses its default
    debootstrap --variant=minbase --include=ca-certificates trixie "$root.new" $mirror
    if [[ -n $security ]]; then
        echo "deb $security trixie-security main" >"$root.new/etc/apt/sources.list.d/security.list"
    fi
    mv "$root.new" "$root"
}

host_release() { sed -n 's/^VERSION_CODENAME=//p' /etc/os-release; }

site_of() {  # SUITE: prints the URI from which this machine's apt gets it
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
        awk -v suite="$1" '$2 == suite && !found++ { print $1 }'
}

# Copies tracked and new files. The build folder stays, and tar keeps modification times, so that builds are incremental.
copy_tree() {
    local list
    list=$(mktemp)
    git -C "$source" ls-files --cached --others --exclude-standard -z >"$list"
    mkdir -p "$root$tree"
    find "$root$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    tar -C "$source" --null --files-from="$list" --ignore-failed-read -cf - 2>/dev/null | tar -C "$root$tree" -xf -
    rm "$list"
}

# Runs in a mount namespace of its own.
mount_and_enter() {  # ROOT TREE FORM
    set -euo pipefail
    mount --make-rprivate /
    mount -t proc proc "$1/proc"
    mount --rbind /sys "$1/sys"
    mount --rbind /dev "$1/dev"
    cp -L /etc/resolv.conf "$1/etc/resolv.conf" 2>/dev/null || true
    cp -L /etc/hosts "$1/etc/hosts"
    local run='tests/run.sh'
    [[ $3 == whole ]] || run='QUIVIVE_LABELS="unit|package|layering" tests/run.sh'
    exec env -i HOME=/root TERM="${TERM:-dumb}" PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        chroot "$1" bash -c "cd '$2' && $run"
}

main
