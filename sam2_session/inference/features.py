"""Backbone features of frames, shared by all sessions of a video; the least recent go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import torch

from sam2_session.core.errors import StorageFailed
from sam2_session.inference.network import FrameFeatures, Network


class FeatureCache:
    """Encodes a frame once, however many instances and regions look at it.

    Used in the device thread only, so two callers never encode the same frame. Only `prepare` may
    be called from any thread: work that needs no device can be done ahead.
    """

    def __init__(
        self, network: Network, frame_path: Callable[[str, int], Path], *, max_bytes: int
    ) -> None:
        self._network = network
        self._frame_path = frame_path
        self._max_bytes = max_bytes
        self._entries: OrderedDict[tuple[str, int], FrameFeatures] = OrderedDict()
        self.nbytes = 0
        self.encoded = 0

    def __contains__(self, frame: tuple[str, int]) -> bool:
        return frame in self._entries

    def get(
        self, video_id: str, frame_idx: int, pixels: torch.Tensor | None = None
    ) -> FrameFeatures:
        """The features of a frame, from what `prepare` gave if it is at hand.

        Raises what `prepare` raises.
        """
        key = (video_id, frame_idx)
        if key in self._entries:
            self._entries.move_to_end(key)
            return self._entries[key]
        if pixels is None:
            pixels = self.prepare(video_id, frame_idx)
        features = self._network.encode(pixels)
        self.encoded += 1
        self._entries[key] = features
        self.nbytes += features.nbytes
        self._shrink()
        return features

    def prepare(self, video_id: str, frame_idx: int) -> torch.Tensor:
        """Read a frame and resize it for the model; raises what `frame_path` raises, and
        `StorageFailed` when the file is no image.
        """
        path = self._frame_path(video_id, frame_idx)
        try:
            return self._network.prepare(path)
        except OSError as error:
            raise StorageFailed(
                f"{path.parent.name}/{path.name} cannot be read: {error.strerror or 'no image'}.",
                hint="Move the frames folder away and restart: frames are extracted again.",
            ) from error

    def drop_video(self, video_id: str) -> None:
        """Forget a video's frames."""
        for key in [key for key in self._entries if key[0] == video_id]:
            self.nbytes -= self._entries.pop(key).nbytes

    def _shrink(self) -> None:
        while self.nbytes > self._max_bytes and len(self._entries) > 1:
            _, features = self._entries.popitem(last=False)
            self.nbytes -= features.nbytes
