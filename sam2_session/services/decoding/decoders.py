"""Opens decoder processes for the services that read videos."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sam2_session.runtime import BACKGROUND_NICENESS
from sam2_session.services.decoding.decoder import STALL_S, Decoder, Steps
from sam2_session.services.decoding.fork_client import ForkClient, shared_fork_client
from sam2_session.storage.probe import VideoProbe

T = TypeVar("T")
AWAITED, OPENED, LISTED = 0, BACKGROUND_NICENESS, BACKGROUND_NICENESS + 5  # of a process


class Decoders:
    """Makes each `Decoder`, with the same limits; may be used from any thread."""

    def __init__(self, forks: ForkClient | None = None, *, stall_s: float = STALL_S) -> None:
        self._forks = forks or shared_fork_client()
        self._stall_s = stall_s

    @contextmanager
    def open(self, niceness: int) -> Iterator[Decoder]:
        """Lend a decoder; its process ends with the context, whatever it does then."""
        decoder = Decoder(self._forks, niceness, stall_s=self._stall_s)
        try:
            yield decoder
        finally:
            decoder.close()

    def probe(self, path: Path, name: str) -> VideoProbe:
        """Measure a source with this name, now. Raises `SessionError`."""
        with self.open(AWAITED) as decoder:
            return run_to_end(decoder.probe(path, name))


def run_to_end(steps: Steps[T]) -> T:
    """Run every step without a pause; return the result."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
