#!/bin/sh
# Checks the page's modules with ESLint and the TypeScript compiler. Both come from npm, as pinned in
# package-lock.json, and are installed only where Node is: nothing of them is needed to serve the page.
set -eu

new_enough="const [major, minor] = process.versions.node.split('.'); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)"
if ! command -v npm >/dev/null || ! node -e "$new_enough"; then
    echo "-- No Node 20.19 or newer here: the page's modules are not checked"
    exit 0
fi
installed=node_modules/.package-lock.json
if [ ! -e $installed ] || [ package-lock.json -nt $installed ]; then
    npm ci --no-audit --no-fund
fi
sources="static/js tests/js sam2_session/notebook eslint.config.js"
echo "eslint $sources"
npx --no-install eslint $sources  # never the folders of an environment beside them
echo "tsc -p jsconfig.json"
npx --no-install tsc -p jsconfig.json
