#!/usr/bin/env bash
# find_package.sh PREFIX SCRATCH VERSION COMPILER: find_package(quivive) in a project of its own.
set -euo pipefail
prefix=$1 scratch=$2 version=$3 compiler=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/package/consumer_says.sh
. "$here/consumer_says.sh"

rm -rf "$scratch"
cmake -S "$here/consumer" -B "$scratch" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler"
cmake --build "$scratch"
consumer_says "$version" "$scratch/consumer"
