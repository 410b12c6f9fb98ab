"""`scripts/chromium.sh` takes the right browser, with fake programs on PATH: no download."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.live import ROOT

NEEDED = ("bash", "env", "cat", "chmod", "touch", "mkdir")
PLAYWRIGHT = """
case "$1" in
    -c) echo "{cache}/chrome" ;;
    -m) echo "playwright $3 $4" >>"{log}"; {fetch} ;;
esac
"""
FETCH = 'printf "#!/bin/sh\\nexit {code}\\n" >"{cache}/chrome"; chmod +x "{cache}/chrome"'


class Machine:
    """A PATH of fakes, and what was asked of them."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.cache = folder / "cache"
        self.log = folder / "log"
        self.bin.mkdir()
        self.cache.mkdir()
        self.log.touch()
        for name in NEEDED:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.is_user(1000)
        self.has_playwright(fetch="exit 1")

    def has(self, name: str, body: str = "exit 0") -> Path:
        """Put a program there."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def is_user(self, number: int) -> None:
        self.has("id", f"echo {number}")

    def has_playwright(self, fetch: str) -> None:
        body = PLAYWRIGHT.format(cache=self.cache, log=self.log, fetch=fetch)
        self.has("python", body)

    def has_apt(self, after: str) -> None:
        said = f'echo "apt-get $1" >>"{self.log}"'
        self.has("apt-get", f'{said}; [ "$1" = update ] || {{ {after}; }}')

    def fetches(self, code: int = 0) -> str:
        """Script that makes Playwright's browser, which ends with `code` when it is started."""
        return FETCH.format(code=code, cache=self.cache)

    def run(self, **environ: str) -> subprocess.CompletedProcess[str]:
        script = ROOT / "scripts" / "chromium.sh"
        return subprocess.run(
            [str(script), str(self.bin / "python")],
            env={"PATH": str(self.bin), **environ}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def asked(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_named_browser_comes_first(machine: Machine) -> None:
    machine.has("chromium")
    named = machine.has("mine")

    assert machine.run(CHROMIUM=str(named)).stdout == f"{named}\n"


def test_a_named_browser_that_is_none_is_an_error(machine: Machine) -> None:
    machine.has("chromium")

    ended = machine.run(CHROMIUM="/no/browser")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "CHROMIUM=/no/browser is no program" in ended.stderr


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_the_systems_browser_is_taken_without_asking_playwright(
    machine: Machine, name: str
) -> None:
    found = machine.has(name)

    assert machine.run().stdout == f"{found}\n"
    assert machine.asked() == []


def test_a_headless_shell_comes_before_a_browser_with_windows(machine: Machine) -> None:
    machine.has("chromium")
    shell = machine.has("chromium-headless-shell")

    assert machine.run().stdout == f"{shell}\n"


def test_a_browser_that_playwright_has_is_taken_before_anything_is_installed(
    machine: Machine,
) -> None:
    machine.is_user(0)
    machine.has_apt("exit 0")
    chrome = machine.cache / "chrome"
    shutil.copy(machine.has("true"), chrome)

    assert machine.run().stdout == f"{chrome}\n"
    assert machine.asked() == []


def test_root_installs_debians(machine: Machine) -> None:
    machine.is_user(0)
    machine.has_apt(f'touch "{machine.bin}/chromium"; chmod +x "{machine.bin}/chromium"')

    ended = machine.run()

    assert ended.stdout == f"{machine.bin / 'chromium'}\n"
    assert "Installing Debian's Chromium" in ended.stderr
    assert machine.asked() == ["apt-get update", "apt-get install"]


def test_a_debian_without_a_headless_shell_gives_its_chromium(machine: Machine) -> None:
    machine.is_user(0)
    only = f'[ "$5" = chromium ] || exit 100; touch "{machine.bin}/chromium"'
    machine.has_apt(f'{only}; chmod +x "{machine.bin}/chromium"')

    assert machine.run().stdout == f"{machine.bin / 'chromium'}\n"
    assert machine.asked() == ["apt-get update", "apt-get install", "apt-get install"]


@pytest.mark.parametrize("user", [0, 1000])
def test_playwrights_is_fetched_where_apt_cannot_help(machine: Machine, user: int) -> None:
    machine.is_user(user)
    machine.has_apt("exit 100")
    machine.has_playwright(fetch=machine.fetches())

    ended = machine.run()

    assert ended.stdout == f"{machine.cache / 'chrome'}\n"
    assert "fetching Playwright's own" in ended.stderr
    assert machine.asked()[-1] == "playwright install chromium"
    assert ("apt-get install" in machine.asked()) == (user == 0)


def test_a_browser_without_its_libraries_says_what_to_do(machine: Machine) -> None:
    machine.has_playwright(fetch=machine.fetches(code=127))

    ended = machine.run()

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "playwright install-deps chromium" in ended.stderr


def test_where_nothing_helps_the_ways_out_are_named(machine: Machine) -> None:
    ended = machine.run()

    assert (ended.returncode, ended.stdout) == (1, "")
    assert "CHROMIUM=/path/to/chromium make test" in ended.stderr
