#!/usr/bin/env bash
# Say which browser engines `make test-engines` can drive, beside Chromium; install the others where that can be done.
# Debian's packages bring both, for root: firefox-esr speaks WebDriver BiDi by itself, WebKitGTK brings a driver and a
# small browser, and Xvfb is the screen that nobody sees. An engine that is missing is skipped by its tests, which say why.
set -euo pipefail

say() { printf '%s\n' "-- $*" >&2; }

missing() {
    command -v firefox-esr >/dev/null || echo firefox-esr
    command -v WebKitWebDriver >/dev/null || echo webkit2gtk-driver
    command -v Xvfb >/dev/null || echo xvfb
}

mapfile -t wanted < <(missing)
if [[ ${#wanted[@]} -gt 0 && $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
    say "Installing ${wanted[*]} for the tests in other engines"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}"; } >&2 ||
        say "That failed."
    mapfile -t wanted < <(missing)
fi
if [[ ${#wanted[@]} -gt 0 ]]; then
    say "Missing here: ${wanted[*]}. Somebody with root can add them (Debian: apt-get install ${wanted[*]})."
    say "The tests of engines that are missing are skipped."
fi
