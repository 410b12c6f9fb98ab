"""Frames on their way from the disk to the device: read and resized by a thread of their own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

import torch

from sam2_session.runtime import Future, Lock, ThreadPool

Frame = tuple[str, int]  # video_id, frame_idx
MAX_FRAMES = 6  # 12 MiB each at 1024 px in float32


class ReadAhead:
    """A few prepared frames, so that the device thread only encodes. From any thread."""

    def __init__(self, prepare: Callable[[str, int], torch.Tensor]) -> None:
        self._prepare = prepare
        self._pool = ThreadPool(1, thread_name_prefix="read-ahead")
        self._lock = Lock()
        self._frames: OrderedDict[Frame, Future[torch.Tensor]] = OrderedDict()

    def want(self, frames: Iterable[Frame]) -> None:
        """Read these next; of more than `MAX_FRAMES` the oldest, never taken, are given up."""
        with self._lock:
            for frame in frames:
                if frame not in self._frames:
                    self._frames[frame] = self._pool.submit(self._prepare, *frame)
            while len(self._frames) > MAX_FRAMES:
                self._frames.popitem(last=False)[1].cancel()

    def take(self, frame: Frame) -> torch.Tensor | None:
        """A frame that was wanted; None where reading it has not begun, or went wrong."""
        with self._lock:
            reading = self._frames.pop(frame, None)
        if reading is None or reading.cancel() or reading.exception() is not None:
            return None
        return reading.result()

    def forget(self, video_id: str) -> None:
        """The video's frames are gone."""
        with self._lock:
            for frame in [frame for frame in self._frames if frame[0] == video_id]:
                self._frames.pop(frame).cancel()

    def close(self) -> None:
        """Stop after the frame in work."""
        self._pool.shutdown(cancel_futures=True)
