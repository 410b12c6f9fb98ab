"""Small real services for host tests: they echo, fail, announce and die on request."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from typing import Any

from sam2_session.core.errors import VideoNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.loops import Loop
from sam2_session.settings import Settings


class EchoServices:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bus = EventBus()
        self.closed = False
        self._woken = threading.Event()

    def handle(self, operation: str, params: dict[str, Any]) -> Any:
        return getattr(self, operation)(**params)

    def close(self) -> None:
        self.closed = True

    def echo(self, value: Any) -> Any:
        return value

    def model(self) -> str:
        return self.settings.model

    def token(self) -> str:
        return self.settings.token + os.environ.get("SAM2_SESSION_TOKEN", "")

    def missing(self, video_id: str) -> Any:
        raise VideoNotFound(video_id)

    def broken(self) -> Any:
        return 1 // 0

    def announce(self, count: int) -> int:
        for rev in range(count):
            self.bus.publish(Event(EventName.MASK, {"rev": rev, "png": b"\x89PNG"}, "clip", "sid"))
        return count

    def nap(self, seconds: float) -> bool:
        """Wait; return whether somebody woke us."""
        self.bus.publish(Event(EventName.PRESENCE, {}))
        return self._woken.wait(seconds)

    def wake(self) -> None:
        self._woken.set()

    def fail_in_a_loop(self) -> None:
        Loop(lambda: 1 // 0 > 0, name="in vain")

    def keep_interpreter(self) -> None:
        """Call into C for ever, without letting any other thread run."""
        while True:
            ctypes.PyDLL(None).pause()  # returns at a signal

    def server_status(self) -> dict[str, Any]:
        return {}

    def switch_interval(self) -> float:
        """Longest that a thread keeps the interpreter while another waits, in seconds."""
        return sys.getswitchinterval()

    def pid(self) -> int:
        return os.getpid()

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def build(settings: Settings) -> EchoServices:
    return EchoServices(settings)


def refuse(settings: Settings) -> EchoServices:
    raise VideoNotFound(settings.model)


class WideServices(EchoServices):
    """Services that wait for other machines, and so take more calls at once."""

    call_threads = 40


def build_wide(settings: Settings) -> WideServices:
    return WideServices(settings)
