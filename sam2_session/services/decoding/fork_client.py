"""Starts the fork server when first needed, and decoder processes through it."""

from __future__ import annotations

import atexit
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

from sam2_session.core.errors import StorageFailed
from sam2_session.folders import child_environment
from sam2_session.options import BY_NAME
from sam2_session.runtime import (
    Child,
    Lock,
    Socket,
    send_descriptor,
    socket_pair,
)

COMMAND = (sys.executable, "-P", "-m", "sam2_session.services.decoding.fork_server")
START_S = 60.0  # the imports may come from a cold disk
SINGLE = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # it forks: one thread


class ForkClient:
    """Talks to one fork server, and starts another if that has died; for any thread."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._lock = Lock()
        self._child: Child | None = None
        self._control: Socket | None = None

    def fork(self, niceness: int) -> tuple[int, Socket]:
        """Start a process; return its id and the socket to talk to it. Raises `StorageFailed`."""
        ours, theirs = socket_pair()
        text = f"fork {niceness}".encode()
        with self._lock, theirs:
            for _ in range(2):  # the second time with a new server
                with suppress(OSError, EOFError):
                    return int(self._ask(text, theirs)), ours
                self._end()
        ours.close()
        raise StorageFailed(
            "No process could be started to decode videos.",
            hint="The machine may be out of memory; try again in a moment.",
        )

    def reap(self, pid: int) -> int | None:
        """Return the exit code of a process that has ended; None if it is not known."""
        with self._lock:
            try:
                return int(self._ask(f"reap {pid}".encode())) if self._control else None
            except (OSError, EOFError):
                self._end()
                return None

    def close(self) -> None:
        """End the server and all its processes."""
        with self._lock:
            self._end()

    def _ask(self, text: bytes, passed: Socket | None = None) -> bytes:
        control = self._control or self._start()
        send_descriptor(control, text, passed)
        answer = control.recv(64)
        if not answer:
            raise EOFError
        return answer

    def _start(self) -> Socket:
        ours, theirs = socket_pair(whole_messages=True)
        with theirs:
            environment = child_environment() | dict.fromkeys(SINGLE, "1")
            environment.pop(BY_NAME["token"].variable, None)  # it has no use for the secret
            self._child = Child(self._command, environment, theirs)
        ours.settimeout(START_S)
        self._control = ours
        return ours

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._child is not None:
            self._child.send_signal(signal.SIGCONT)
            self._child.kill()
        self._control = self._child = None


@cache
def shared_fork_client() -> ForkClient:
    """Return the fork client that all services of this process share; it ends with the process."""
    client = ForkClient()
    atexit.register(client.close)
    return client
