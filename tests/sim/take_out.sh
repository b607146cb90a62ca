#!/bin/sh
# take_out.sh CANARIES NAME SOURCE COPY: copies a source file without the guard of that name. Fails when the guard is not
# found.
set -eu
expression=$(sed -n "s/^$2 *[a-z_/]*\.cpp *//p" "$1")
sed "$expression" "$3" >"$4"
if cmp -s "$3" "$4"; then
    echo "$3: the guard $2 is not where it was: see $1" >&2
    rm "$4"
    exit 1
fi
