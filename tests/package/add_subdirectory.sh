#!/usr/bin/env bash
# add_subdirectory.sh SOURCE SCRATCH VERSION COMPILER: uses quivive as a subdirectory of another project. The scratch folder
# is kept, so that only the first run builds the whole library, many files at a time. -O0, since only linking is tested.
# tests/layering/stand_alone.py tests that each file includes what it needs.
set -euo pipefail
source=$1 scratch=$2 version=$3 compiler=$4
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/package/consumer_says.sh
. "$here/consumer_says.sh"

cmake -S "$here/consumer" -B "$scratch" -G Ninja -DQUIVIVE_SOURCE_DIR="$source" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="-O0 -g0" \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0
cmake --build "$scratch" --parallel 2 --target consumer
consumer_says "$version" "$scratch/consumer"
