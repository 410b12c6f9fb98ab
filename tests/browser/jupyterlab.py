"""A real JupyterLab on this machine, and the page as it stands in one of its cells."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ElementHandle, Page, expect

from tests.browser.driver import PAINTED, AnnotatorPage
from tests.browser.server import ROOT
from tests.processes import descendants, free_port, is_alive
from tests.small_input import small_configs

PATIENCE_S = 600.0  # imports on two busy cores
TOKEN = "a-token-of-jupyter"
STATE_AT = """path =>
    path.split(".").reduce((at, key) => at?.[key], window.__annotator?.store.state)"""
QUIET = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab over a folder."""

    folder: Path
    port: int

    def url(self, notebook: str, host: str) -> str:
        """The address at which a browser opens a notebook, with nothing beside it."""
        return f"http://{host}:{self.port}/lab/tree/{notebook}?reset&token={TOKEN}"


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """Run JupyterLab with settings of its own; nothing it started may stay behind."""
    for name in ("jupyterlab", "jupyter_server_proxy"):
        pytest.importorskip(name, reason="needs `pip install -r requirements-jupyterlab.txt`")
    lab = Lab(folder / "notebooks", free_port())
    lab.folder.mkdir()
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--port={lab.port}", f"--IdentityProvider.token={TOKEN}"),
        *("--ip=127.0.0.1", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={lab.folder}"),
        *("--LabApp.extension_manager=readonly", f"--LabApp.app_settings_dir={folder / 'app'}"),
    ]
    (folder / "app").mkdir()
    (folder / "app" / "overrides.json").write_text(json.dumps(QUIET))
    log = folder / "lab.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=lab.folder, stdout=file, stderr=file, env=_environment(folder)
        )
    family: dict[int, str] = {}
    try:
        _wait_until_it_answers(lab, process, log)
        yield lab
    finally:
        family = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        _wait_until_gone(family)


def _environment(folder: Path) -> dict[str, str]:
    """Keep away from the user's Jupyter, and let kernels import this checkout."""
    kinds = ("CONFIG_DIR", "RUNTIME_DIR", "DATA_DIR")
    return {
        **os.environ,
        **{f"JUPYTER_{kind}": str(folder / kind.lower()) for kind in kinds},
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(ROOT),
        "SAM2_SESSION_CONFIGS_DIR": str(small_configs(folder)),
    }


def _wait_until_it_answers(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{lab.port}/api", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))


def _wait_until_gone(family: dict[int, str]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while left := {pid: line for pid, line in family.items() if is_alive(pid)}:
        assert time.monotonic() < until_s, f"still running: {left}"
        time.sleep(0.05)


class LabPage:
    """A notebook that is open in JupyterLab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def run_cell(self, at: int) -> None:
        """Run a code cell, counted from 0, and wait until it is done."""
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").nth(at)
        idle = self.page.get_by_text("(ipykernel) | Idle")
        expect(idle).to_be_visible(timeout=PATIENCE_S * 1000)  # a cell run before that is dropped
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        expect(cell.locator(".jp-InputPrompt")).to_have_text(
            re.compile(r"\[\d+\]"), timeout=PATIENCE_S * 1000
        )

    def output(self, at: int) -> str:
        """The text that a code cell gave."""
        return (
            self.page.locator(".jp-Notebook .jp-CodeCell")
            .nth(at)
            .locator(".jp-OutputArea-output")
            .inner_text()
        )

    def framed(self) -> FramedPage:
        """The page in the cell, once it is there."""
        return FramedPage(self.page, self.page.wait_for_selector("iframe[title=sam2-session]"))


class FramedPage(AnnotatorPage):
    """The annotation page in an iframe; the mouse and the keys are the window's."""

    def __init__(self, page: Page, iframe: ElementHandle) -> None:
        super().__init__(page, iframe.get_attribute("src") or "")
        self._iframe = iframe
        frame = iframe.content_frame()
        assert frame is not None
        self.frame = frame

    def state(self, path: str) -> Any:
        return self.frame.evaluate(STATE_AT, path)

    def screen(self, x: float, y: float) -> tuple[float, float]:
        at = self.frame.evaluate("([x, y]) => window.__annotator.toClient(x, y)", [x, y])
        box = self._iframe.bounding_box()
        assert box is not None
        return box["x"] + at["x"], box["y"] + at["y"]

    def stage(self, name: str) -> str | None:
        stage = self.frame.get_by_test_id("stage")
        return stage.evaluate(PAINTED, f"data-{name}")  # type: ignore[no-any-return]

    def is_saved(self) -> bool:
        return self.frame.get_by_test_id("saved").get_attribute("data-unsaved") == "0"
