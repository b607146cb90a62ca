#!/usr/bin/env bash
# canary.sh SIM NAME: runs the simulation without one guard. Succeeds when some world breaks an invariant.
set -uo pipefail
sim=$1 name=$2
for first in $(seq 1 5 196); do  # five at a time: most guards are missed at once
    if ! said=$("$sim" --seeds "$first" "$((first + 4))"); then
        grep --max-count=2 --after-context=1 BROKEN <<<"$said" && exit 0
        echo "$name: the simulation ended without a broken invariant:" && tail -5 <<<"$said" && exit 1
    fi
done
echo "$name: 200 worlds break no invariant without this guard"
exit 1
