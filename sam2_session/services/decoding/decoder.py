"""Watches a decoder process: its crash or hang is an error of the file it reads."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sam2_session.core.errors import UnsupportedVideo, error_from_wire
from sam2_session.runtime import monotonic
from sam2_session.services.decoding.fork_client import ForkClient
from sam2_session.services.decoding.messages import MessageSocket
from sam2_session.services.decoding.wire import index_from_wire, probe_from_wire
from sam2_session.storage.packet_index import PacketIndex
from sam2_session.storage.probe import CONVERT, VideoProbe

STALL_S = 20.0  # without a frame, or a byte read from the file
POLL_S = 0.25
SPARE_READS = 1024**3
TIMES_READ = 100  # a process that reads more than this many times its file goes in circles

T = TypeVar("T")
Message = dict[str, Any]
Steps = Generator[None, None, T]


class Decoder:
    """Sends requests to a process of its own, started when first needed. Used by one thread.

    Requests run in steps, so that whoever waits for one can stop; `close` ends the process.
    """

    def __init__(self, forks: ForkClient, niceness: int, *, stall_s: float = STALL_S) -> None:
        self._forks = forks
        self._niceness = niceness
        self._stall_s = stall_s
        self._pid = 0
        self._messages: MessageSocket | None = None

    @property
    def pid(self) -> int:
        """The process id; 0 while there is no process."""
        return self._pid

    def probe(self, path: Path, name: str) -> Steps[VideoProbe]:
        """Measure a source with this name. Raises `UnsupportedVideo`, or another `SessionError`."""
        found = yield from self._result("probe", path, name)
        return probe_from_wire(found["probe"])

    def index(self, path: Path) -> Steps[PacketIndex]:
        """Index the packets of a video file. Raises `UnsupportedVideo`."""
        found = yield from self._result("index", path, path.name)
        return index_from_wire(found["index"])

    def ask(self, request: Message, path: Path) -> Iterator[Message | None]:
        """Yield the messages that answer a request; None now and then while none comes.

        Raises the error of the request, or `UnsupportedVideo` if the process hangs or dies.
        """
        name = str(request["name"])
        try:
            messages = self._messages or self._start()
            messages.set_timeout(self._stall_s)
            messages.send(request)
            messages.set_timeout(POLL_S)
            yield from self._answers(messages, name, ProgressWatch(self._pid, path))
        except (EOFError, OSError, ValueError) as error:
            raise self._died(name) from error

    def _answers(
        self, messages: MessageSocket, name: str, watch: ProgressWatch
    ) -> Iterator[Message | None]:
        while True:
            try:
                message = messages.receive()
            except TimeoutError:
                watch.look()
                if watch.idle_s > self._stall_s:
                    raise self._hung(name) from None
                yield None
                continue
            watch.note()
            if "error" in message:
                raise error_from_wire(message["error"])
            yield message
            if message.get("end"):
                return

    def close(self) -> None:
        """End the process, at once."""
        self._end()

    def _start(self) -> MessageSocket:
        self._pid, peer = self._forks.fork(self._niceness)
        self._messages = MessageSocket(peer)
        return self._messages

    def _result(self, do: str, path: Path, name: str) -> Steps[Message]:
        found: Message = {}
        for message in self.ask({"do": do, "source": str(path), "name": name}, path):
            found = message or {}
            yield
        return found

    def _end(self) -> int | None:
        """Kill and reap the process; return how it had ended, or ended now."""
        if self._messages is None:
            return None
        self._messages.close()
        self._messages = None
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        return self._forks.reap(self._pid)

    def _hung(self, name: str) -> UnsupportedVideo:
        self._end()
        return UnsupportedVideo(
            f"Decoding {name} got nowhere for {self._stall_s:.0f} s; it was stopped.",
            hint=f"Try again if the machine was very busy. {CONVERT}",
        )

    def _died(self, name: str) -> UnsupportedVideo:
        reason = _how(self._end())
        return UnsupportedVideo(f"Decoding {name} ended its process ({reason}).", hint=CONVERT)


class ProgressWatch:
    """Tells how long a process has neither sent a message nor read from its file."""

    def __init__(self, pid: int, path: Path) -> None:
        self._io = Path(f"/proc/{pid}/io")
        self._most = TIMES_READ * _size_of(path) + SPARE_READS
        self._first = self._seen = self._read_bytes()
        self._at = monotonic()

    @property
    def idle_s(self) -> float:
        """Seconds without progress."""
        return monotonic() - self._at

    def note(self) -> None:
        """Note progress: a message came."""
        self._at = monotonic()

    def look(self) -> None:
        """Look whether the process has read more of its file."""
        now = self._read_bytes()
        if now != self._seen and now - self._first < self._most:
            self._seen = now
            self.note()

    def _read_bytes(self) -> int:
        with suppress(OSError, IndexError, ValueError):  # it has ended
            return int(self._io.read_text().split()[1])  # rchar
        return 0


def _size_of(path: Path) -> int:
    """Return the bytes of a file or of the files in a folder."""
    with suppress(OSError):
        files = path.iterdir() if path.is_dir() else [path]
        return sum(file.stat().st_size for file in files)
    return 0


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return "it is not known how"
    if exit_code >= 0:
        return f"exit code {exit_code}"
    with suppress(ValueError):
        return signal.Signals(-exit_code).name
    return f"signal {-exit_code}"
