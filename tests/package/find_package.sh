#!/usr/bin/env bash
# find_package.sh PREFIX SCRATCH VERSION COMPILER: uses find_package(quivive) in a separate project.
set -euo pipefail
prefix=$1 scratch=$2 version=$3 compiler=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/package/consumer_says.sh
. "$here/consumer_says.sh"

rm -rf "$scratch"
cmake -S "$here/consumer" -B "$scratch" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler"
cmake --build "$scratch"
consumer_says "$version" "$scratch/consumer"

# Boost types are part of the interface, so the package requires exactly the Boost version that it was built with.
config=$(find "$prefix" -name quivive-config.cmake)
grep -qE '^find_dependency\(Boost [0-9]+\.[0-9]+\.[0-9]+ EXACT\)' "$config"
older=$scratch/older
mkdir -p "$older"
cp -r "$prefix/." "$older"
find "$older" -name quivive-config.cmake -exec sed -i 's/^find_dependency(Boost [0-9.]* /find_dependency(Boost 1.80.0 /' {} +
if cmake -S "$here/consumer" -B "$scratch/older.build" -G Ninja -DCMAKE_PREFIX_PATH="$older" &>"$scratch/older.log"; then
    echo "a quivive that was built with Boost 1.80.0 accepts another version" >&2
    exit 1
fi
grep -q '1\.80\.0' "$scratch/older.log"
