"""Firefox, driven by WebDriver BiDi over its own websocket: Debian's has no geckodriver."""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import websocket

from tests.browser.engines.engine import Engine, Pointer

START_S = 120.0
ANSWER_S = 120.0
GOTO_ATTEMPTS = 5
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
REFUSED = "establish a connection to the server at ws"  # no error of the page: it tries again
QUIET = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutConfig.showWarning": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "remote.prefs.recommended": True,
}


class Firefox(Engine):
    """One window in a profile of its own."""

    def __init__(self, folder: Path, preferences: dict[str, Any] | None = None) -> None:
        self._log = folder / "firefox.log"
        profile = folder / "profile"
        profile.mkdir(parents=True)
        self.downloads = folder / "downloads"
        self.downloads.mkdir()
        saving = {"browser.download.folderList": 2, "browser.download.dir": str(self.downloads)}
        lines = {**QUIET, **saving, **(preferences or {})}.items()
        (profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(to)});\n" for name, to in lines)
        )
        written = self._log.open("wb")
        self._process = subprocess.Popen(
            ["firefox-esr", "--headless", "--no-remote", "--remote-debugging-port", "0"]
            + ["--profile", str(profile), "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=written,
            env=os.environ | {"HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
            start_new_session=True,
        )
        written.close()
        self._numbers = itertools.count(1)
        self._complaints: list[str] = []
        self._socket: Any = None
        try:
            address = self._address()
            self._socket = websocket.create_connection(
                f"{address}/session", timeout=ANSWER_S, suppress_origin=True
            )
            self._send("session.new", capabilities={})
            self._send("session.subscribe", events=["log.entryAdded"])
            tree = self._send("browsingContext.getTree")
            self._context = tree["contexts"][0]["context"]
            self._send(
                "browsingContext.setViewport",
                context=self._context,
                viewport={"width": 1280, "height": 720},
            )
        except BaseException:
            self.quit()
            raise

    @staticmethod
    def missing() -> str | None:
        return None if shutil.which("firefox-esr") else "Debian's firefox-esr is not installed"

    def goto(self, url: str) -> None:
        for attempt in reversed(range(GOTO_ATTEMPTS)):  # a download that begins interrupts it
            try:
                self._send(
                    "browsingContext.navigate", context=self._context, url=url, wait="complete"
                )
            except AssertionError as error:
                if not attempt or "interrupted" not in str(error):
                    raise
                time.sleep(0.5)
            else:
                return

    def evaluate(self, expression: str, arg: Any = None) -> Any:
        source = f"async (arg) => JSON.stringify([await ({expression})(JSON.parse(arg)) ?? null])"
        answer = self._send(
            "script.callFunction",
            functionDeclaration=source,
            arguments=[{"type": "string", "value": json.dumps(arg)}],
            target={"context": self._context},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])[0]

    def screenshot(self) -> bytes:
        shot = self._send("browsingContext.captureScreenshot", context=self._context)
        return base64.b64decode(shot["data"])

    def _input(self, *sources: dict[str, Any]) -> None:
        self._send("input.performActions", context=self._context, actions=list(sources))

    def keys(self, *names: str, held: tuple[str, ...] = ()) -> None:
        self._input(self.key_actions(names, held))

    def point(self, pointer: Pointer) -> None:
        self._input(*self.pointer_actions(pointer))

    def complaints(self) -> list[str]:
        self._send("session.status")  # earlier messages are read by then
        return self._complaints

    def quit(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _address(self) -> str:
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s:
            if found := LISTENS.search(self._log.read_text(errors="replace")):
                return found[1]
            assert self._process.poll() is None, self._log.read_text(errors="replace")
            time.sleep(0.1)
        raise AssertionError("Firefox did not start: " + self._log.read_text(errors="replace"))

    def _send(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
            self._hear(message)

    def _hear(self, message: dict[str, Any]) -> None:
        entry = message.get("params", {})
        if (entry.get("type"), entry.get("level")) != ("javascript", "error"):
            return
        if REFUSED not in entry["text"]:
            frames = (entry.get("stackTrace") or {}).get("callFrames", [])
            places = [f"{frame['url']}:{frame['lineNumber']}" for frame in frames]
            self._complaints.append("\n  ".join([entry["text"], *places]))
