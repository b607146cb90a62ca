#!/usr/bin/env bash
# pkg_config.sh PREFIX SCRATCH VERSION COMPILER: builds the consumer without CMake, with a compiler and the flags of
# pkg-config.
set -euo pipefail
prefix=$1 scratch=$2 version=$3 compiler=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/package/consumer_says.sh
. "$here/consumer_says.sh"

pc=$(find "$prefix" -name quivive.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
[[ $(pkg-config --modversion quivive) == "$version" ]]

read -ra flags < <(pkg-config --cflags --libs quivive)
mkdir -p "$scratch"
"$compiler" -std=c++20 "$here/consumer/main.cpp" -o "$scratch/consumer" "${flags[@]}"
LD_LIBRARY_PATH=$(pkg-config --variable=libdir quivive)
export LD_LIBRARY_PATH
consumer_says "$version" "$scratch/consumer"
