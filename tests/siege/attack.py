"""The things a campaign is given, and the record it hands back."""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.browser.server import LiveServer

WAIT_S = 240.0
ENDED = ("done", "failed", "cancelled")


@dataclass
class Attack:
    """One run of a campaign: how much to do, the dice, a folder, and what was found so far."""

    count: int
    dice: random.Random
    folder: Path
    found: list[str] = field(default_factory=list)
    done: int = 0
    notes: list[str] = field(default_factory=list)  # printed in the end

    def check(self, holds: object, text: str) -> None:
        """Note what was found if something does not hold."""
        if not holds:
            self.found.append(text)


@dataclass(frozen=True)
class Answer:
    """An answer, of whatever status; `status` 0: there was none."""

    status: int
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def is_clean(self) -> bool:
        """Return whether there is one, and no failure of ours: errors above 500 have a name."""
        if self.status < 500:
            return self.status > 0
        try:
            code = self.json["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return False
        return code not in ("internal_error", "bad_answer")


def request(server: LiveServer, method: str, path: str, body: Any = None, kind: str = "") -> Answer:
    """Send a request; bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    headers = {"Content-Type": kind or "application/json"} if data is not None else {}
    sent = urllib.request.Request(server.url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(sent, timeout=WAIT_S) as answer:
            return Answer(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read())
    except (OSError, ValueError):
        return Answer(0)


def ask(server: LiveServer, method: str, path: str, body: Any = None) -> Any:
    """Send a request that must be answered as wanted; its JSON, if any. Raises RuntimeError."""
    answer = request(server, method, path, body)
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
    return answer.json if answer.body[:1] in (b"{", b"[") else None


def form(name: str, data: bytes, options: str = "") -> tuple[bytes, str]:
    """A form with the part `file`, and its content type."""
    edge = "------------siege"
    about = f'form-data; name="file"; filename="{name}"'
    kind = "application/octet-stream"
    head = f"--{edge}\r\nContent-Disposition: {about}\r\nContent-Type: {kind}\r\n\r\n".encode()
    tail = b"\r\n"
    if options:
        tail += (
            f'--{edge}\r\nContent-Disposition: form-data; name="options"\r\n\r\n{options}\r\n'
        ).encode()
    return head + data + tail + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def wait_for(condition: Callable[[], Any]) -> None:
    """Wait until something holds."""
    until_s = time.monotonic() + WAIT_S
    while not condition():
        if time.monotonic() > until_s:
            raise AssertionError("it did not come")
        time.sleep(0.05)


def wait_for_model(server: LiveServer) -> None:
    """Wait until masks can be predicted."""
    wait_for(lambda: b'"selected"' in request(server, "GET", "/api/models").body)


def has_open_jobs(server: LiveServer) -> bool:
    """Return whether a job waits or runs, or may: a run writes files before their rows."""
    answer = request(server, "GET", "/api/jobs")
    return answer.status != 200 or any(job["state"] not in ENDED for job in answer.json["jobs"])
