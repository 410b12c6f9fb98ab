"""Read-ahead of frames: one thread reads and resizes them before the device needs them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

import torch

from sam2_session.inference.helper_threads import use_one_thread
from sam2_session.runtime import Future, Lock, ThreadPool

Frame = tuple[str, int]  # video_id, frame_idx
MAX_FRAMES = 6  # 12 MiB each at 1024 px in float32


class ReadAhead:
    """Prepares a few frames, so that the device thread only encodes; use from any thread."""

    def __init__(self, prepare: Callable[[str, int], torch.Tensor]) -> None:
        self._prepare = prepare
        self._pool = ThreadPool(1, thread_name_prefix="read-ahead", initializer=use_one_thread)
        self._lock = Lock()
        self._frames: OrderedDict[Frame, Future[torch.Tensor]] = OrderedDict()

    def want(self, frames: Iterable[Frame]) -> None:
        """Read these next; beyond `MAX_FRAMES` the oldest that nobody took are dropped."""
        with self._lock:
            for frame in frames:
                if frame not in self._frames:
                    self._frames[frame] = self._pool.submit(self._prepare, *frame)
            while len(self._frames) > MAX_FRAMES:
                self._frames.popitem(last=False)[1].cancel()

    def first_read(self) -> Frame | None:
        """Return the frame that was wanted first of those not taken yet; None if it is not read."""
        with self._lock:
            frame, reading = next(iter(self._frames.items()), (None, None))
        return frame if reading is not None and reading.done() else None

    def take(self, frame: Frame) -> torch.Tensor | None:
        """Return a wanted frame; None if its reading has not begun, or failed."""
        with self._lock:
            reading = self._frames.pop(frame, None)
        if reading is None or reading.cancel() or reading.exception() is not None:
            return None
        return reading.result()

    def forget(self, video_id: str) -> None:
        """Drop the frames of a video whose files are gone."""
        with self._lock:
            for frame in [frame for frame in self._frames if frame[0] == video_id]:
                self._frames.pop(frame).cancel()

    def close(self) -> None:
        """Stop after the current frame."""
        self._pool.shutdown(cancel_futures=True)
