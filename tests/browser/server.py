"""The server as its users start it: ``python server.py`` in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.processes import children, descendants, free_port, is_alive
from tests.small_input import small_configs
from tests.workspace_dirs import WorkspaceDirs

ROOT = Path(__file__).resolve().parents[2]
READY_S = 600.0  # imports and model on two busy cores
STOP_S = 300.0
LOOPBACK = "127.0.0.1"
PLAIN_PATH = "/healthz"  # a page of the server that asks it for nothing more


class LiveServer:
    """One server over one workspace; it can be stopped, killed and started again."""

    def __init__(
        self,
        dirs: WorkspaceDirs,
        log: Path,
        *options: str,
        token: str | None = None,
        host: str = LOOPBACK,
    ) -> None:
        self.dirs = dirs
        self.log = log
        self.port = free_port()
        self.url = f"http://{host}:{self.port}"
        self._options = (*options, *(("--token", token) if token else ()))
        if host != LOOPBACK:
            self._options += ("--host", host)
        self._token = token
        self._process: subprocess.Popen[bytes] | None = None
        self._family: dict[int, str] = {}

    def __enter__(self) -> LiveServer:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Tell if the web process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The web process."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    @property
    def session_pids(self) -> list[int]:
        """The session process the web process started, without those that decode for it."""
        started = children(self.pid).items()
        return sorted(pid for pid, line in started if "sam2_session.hosts.worker" in line)

    def start(self) -> None:
        """Start it and wait until it is ready for clicks."""
        command = [sys.executable, "server.py", "--port", str(self.port)]
        command += ["--videos-dir", str(self.dirs.videos), "--outputs-dir", str(self.dirs.outputs)]
        command += ["--configs-dir", str(small_configs(self.log.parent))]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self._options], cwd=ROOT, stdout=log, stderr=log, env=_environment()
            )
        self._wait_until_ready()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it by its pid; nothing it started may stay behind."""
        if self._process is None:
            return
        process, self._process = self._process, None
        family = descendants(process.pid)
        process.send_signal(how)
        try:
            process.wait(STOP_S)
        finally:
            process.kill()
            process.wait()
            left = _left_after(family, STOP_S)
        assert not left, f"the server left processes behind: {left}\n{self.tail()}"

    def kill(self) -> None:
        """End it by SIGKILL, as abruptly as a power cut."""
        self.stop(signal.SIGKILL)

    def tail(self) -> str:
        """The end of the log, for messages."""
        return self.log.read_text(errors="replace")[-4000:]

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        until_s = time.monotonic() + READY_S
        while time.monotonic() < until_s:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended at once:\n{self.tail()}")
            if _answers(f"{self.url}/readyz", self._token):
                return
            time.sleep(0.1)
        self.kill()
        raise AssertionError(f"the server was not ready in {READY_S:g} s:\n{self.tail()}")


def _answers(url: str, token: str | None) -> bool:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=5
        ) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def _left_after(family: dict[int, str], seconds: float) -> dict[int, str]:
    """End the processes of a family that outlive their server, and return them."""
    until_s = time.monotonic() + seconds
    while (left := {pid: family[pid] for pid in family if is_alive(pid)}) and (
        time.monotonic() < until_s
    ):
        time.sleep(0.05)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


def _environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if "SAM2_SESSION" not in name}
    return ours | {"PYTHONUNBUFFERED": "1"}
