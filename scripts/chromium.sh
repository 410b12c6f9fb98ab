#!/usr/bin/env bash
# Print the path of a Chromium the browser tests can drive; installs Debian's when there is none.
set -euo pipefail

find_chromium() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        if [[ -n $name ]] && command -v "$name"; then
            return
        fi
    done
    return 1
}

if find_chromium; then
    exit 0
fi
if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
    echo "-- Installing Chromium for the browser tests" >&2
    if apt-get update -qq >&2 \
        && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium \
            >/dev/null; then
        find_chromium
        exit 0
    fi
fi
echo "The browser tests need Chromium or Chrome. Install one (Debian: apt-get install chromium)," >&2
echo "or name it: CHROMIUM=/path/to/chromium make test" >&2
exit 1
