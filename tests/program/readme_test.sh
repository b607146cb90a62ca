#!/usr/bin/env bash
# readme_test.sh SOURCE_DIR: the first C++ of README.md is examples/echo.cpp, word for word, and links have a target.
set -eu
cd "$1"

shown=$(awk '/^```cpp$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md)
if ! diff <(echo "$shown") examples/echo.cpp; then
    echo "FAILED: README.md shows other code than examples/echo.cpp"
    exit 1
fi

links=0
for page in README.md examples/README.md; do
    while read -r link; do
        [[ -e ${page%README.md}$link ]] || { echo "FAILED: $page links to $link, which does not exist"; exit 1; }
        links=$((links + 1))
    done < <(grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -v '^http')
done
[[ $links != 0 ]]
