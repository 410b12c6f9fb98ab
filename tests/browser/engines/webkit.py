"""WebKit, driven by WebKitGTK's own WebDriver on a screen that nobody sees."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.browser.engines.engine import Engine, Pointer
from tests.processes import free_port

DRIVER = "WebKitWebDriver"
BROWSERS = ("webkit2gtk-4.1", "webkit2gtk-4.0", "webkitgtk-6.0")
ANSWER_S = 120.0
CHROME_PX = 38  # height of the browser's own bar
LISTEN = """() => {
  const heard = [];
  window.__complaints = heard;
  addEventListener("error", (event) => heard.push(`uncaught: ${event.message}`));
  addEventListener("unhandledrejection", (event) => heard.push(`unhandled: ${event.reason}`));
}"""

# The driver waits for the next frame that is drawn, and a page at rest draws none.
STIR = """stirring => {
  window.__stirring = stirring;
  const stir = (now) => {
    document.body.style.outline = window.__stirring ? `1px solid rgb(0 0 0 / ${now % 2})` : '';
    if (window.__stirring) requestAnimationFrame(stir);
  };
  stir(0);
}"""


class WebKit(Engine):
    """One window on a virtual screen of its own."""

    def __init__(self, folder: Path) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._log = (folder / "webkit.log").open("wb")
        self._session = ""
        try:
            display = self._start_screen()
            port = free_port()
            self._url = f"http://127.0.0.1:{port}"
            quiet = {"WEBKIT_DISABLE_DMABUF_RENDERER": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
            own = {"DISPLAY": display, "HOME": str(folder), **quiet}
            self._start([DRIVER, "--host=127.0.0.1", f"--port={port}"], own)
            self._until_ready()
            options = {"binary": str(_browser()), "args": ["--automation"]}
            answer = self._ask(
                "POST",
                "/session",
                {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}},
            )
            self._session = f"/session/{answer['sessionId']}"
            size = {"width": 1280, "height": 720 + CHROME_PX}
            self._ask("POST", f"{self._session}/window/rect", size)
        except BaseException:
            self.quit()
            raise

    @staticmethod
    def missing() -> str | None:
        if not shutil.which("Xvfb"):
            return "Xvfb is not installed"
        if not shutil.which(DRIVER) or _browser() is None:
            return "Debian's webkit2gtk-driver is not installed"
        return None

    def goto(self, url: str) -> None:
        self._ask("POST", f"{self._session}/url", {"url": url})
        self.evaluate(LISTEN)

    def evaluate(self, expression: str, arg: Any = None) -> Any:
        script = f"""const [arg, done] = arguments;
          Promise.resolve(({expression})(JSON.parse(arg))).then(
            (value) => done(JSON.stringify([value ?? null])), (error) => done(String(error)));"""
        body = {"script": script, "args": [json.dumps(arg)]}
        answer = self._ask("POST", f"{self._session}/execute/async", body)
        assert answer.startswith("["), answer
        return json.loads(answer)[0]

    def keys(self, *names: str, held: tuple[str, ...] = ()) -> None:
        self._act(self.key_actions(names, held))

    def point(self, pointer: Pointer) -> None:
        self._act(*self.pointer_actions(pointer))

    def screenshot(self) -> bytes:
        self.evaluate(STIR, True)
        shot = self._ask("GET", f"{self._session}/screenshot")
        self.evaluate(STIR, False)
        return base64.b64decode(shot)

    def complaints(self) -> list[str]:
        heard: list[str] = self.evaluate("() => window.__complaints")
        return heard

    def quit(self) -> None:
        try:
            if self._session:
                self._ask("DELETE", self._session)
        finally:
            for process in reversed(self._processes):
                _end(process)
            self._log.close()

    def _act(self, *sources: dict[str, Any]) -> None:
        self._ask("POST", f"{self._session}/actions", {"actions": list(sources)})

    def _start_screen(self) -> str:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24"]
        self._start([*command, "-nolisten", "tcp"], {}, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as lines:
            number = lines.readline().strip()
        assert number, "Xvfb did not start"
        return f":{number}"

    def _start(
        self, command: list[str], own: dict[str, str], pass_fds: tuple[int, ...] = ()
    ) -> None:
        self._processes.append(
            subprocess.Popen(
                command,
                env=os.environ | own,
                stdout=self._log,
                stderr=self._log,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        )

    def _until_ready(self) -> None:
        until_s = time.monotonic() + ANSWER_S
        while time.monotonic() < until_s:
            try:
                self._ask("GET", "/status")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("WebKit's driver does not answer")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()) from None


def _browser() -> Path | None:
    """Find the small browser that WebKitGTK brings for its driver."""
    found = (
        Path(f"/usr/lib/{os.uname().machine}-linux-gnu/{name}/MiniBrowser") for name in BROWSERS
    )
    return next((path for path in found if path.exists()), None)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
