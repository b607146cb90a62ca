#!/usr/bin/env bash
# install.sh BUILD PREFIX: installs the built library and moves it, since no installed file may depend on the first location.
set -euo pipefail
build=$1 prefix=$2

rm -rf "$prefix" "$prefix.first"
cmake --install "$build" --prefix "$prefix.first"
mv "$prefix.first" "$prefix"
