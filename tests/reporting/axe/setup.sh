#!/bin/sh
# Install the pinned tools of package-lock.json into .cache/axe, outside the sources. Prints the folder.
# Does nothing when they are there already. Needs npm; the browser is the system's Chromium.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${SECAUDIT_AXE_CACHE:-$here/../../../.cache/axe}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
if ! cmp -s "$here/package-lock.json" "$cache/package-lock.json" || [ ! -d "$cache/node_modules/axe-core" ]; then
    cp "$here/package.json" "$cache/package.json"
    npm_lock=$cache/package-lock.json
    cp "$here/package-lock.json" "$npm_lock.new"
    mv "$npm_lock.new" "$npm_lock"
    (cd "$cache" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || { rm -f "$npm_lock"; exit 1; }
fi
echo "$cache"
