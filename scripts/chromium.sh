#!/usr/bin/env bash
# Print the path of a Chromium the browser tests can drive; install one where there is none.
#   scripts/chromium.sh [PYTHON]     PYTHON has Playwright, by default .venv/bin/python
# Takes the first of: $CHROMIUM; a browser of the system; the one that Playwright has fetched before;
# Debian's, if this is root; the one that Playwright can fetch, which needs neither root nor Debian.
# A headless shell goes first: it has no window to draw, and opens a page with two thirds of the work.
set -euo pipefail
python=${1:-.venv/bin/python}

say() { printf '%s\n' "-- $*" >&2; }

of_the_system() {
    local name
    for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name"; then
            return
        fi
    done
    return 1
}

of_playwright() {
    local path
    path=$("$python" -c 'from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)' 2>/dev/null) && [[ -x $path ]] && echo "$path"
}

install_with_apt() {
    [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null || return 1
    say "Installing Debian's Chromium for the browser tests"
    apt-get update -qq >&2 || return 1
    local name
    for name in chromium-headless-shell chromium; do  # not every Debian has the first
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$name" >&2 && return
    done
    return 1
}

install_with_playwright() {
    say "No Chromium here, and none from apt-get: fetching Playwright's own for the browser tests"
    "$python" -m playwright install chromium >&2
}

if [[ -n ${CHROMIUM:-} ]]; then
    command -v "$CHROMIUM" && exit 0
    say "CHROMIUM=$CHROMIUM is no program."
    exit 1
fi
of_the_system && exit 0
of_playwright && exit 0
install_with_apt && of_the_system && exit 0
if install_with_playwright && path=$(of_playwright); then
    if "$path" --version >/dev/null 2>&1; then
        echo "$path"
        exit 0
    fi
    say "Playwright's Chromium is here but does not start: libraries of the system are missing."
    say "Somebody with root can add them: $python -m playwright install-deps chromium"
    exit 1
fi
say "The browser tests need Chromium or Chrome, and none could be installed."
say "Install one (Debian: apt-get install chromium), or name it: CHROMIUM=/path/to/chromium make test"
exit 1
