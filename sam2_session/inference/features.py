"""Cache of the backbone features of frames, shared by all sessions of a video."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

import torch

from sam2_session.core.errors import SessionError, StorageFailed
from sam2_session.inference.network import FrameFeatures, Network
from sam2_session.inference.out_of_memory import MemoryRetry
from sam2_session.inference.read_ahead import Frame, ReadAhead
from sam2_session.runtime import RLock, monotonic

AHEAD_SHARE = 4  # one part in so many of the budget is for frames nobody has asked for yet
JUST_USED = 4  # frames: no frame nobody asked for makes these leave


class FeatureCache:
    """Encodes a frame once, however many instances and regions use it; the oldest leave first.

    Used in the device thread, and in its helper's during a step: two callers never encode the same
    frame. Only `prepare` and `read_ahead` may be used from any thread, as they need no device.
    Frames `on_screen` leave last, however many others a run passes meanwhile.
    """

    def __init__(
        self,
        network: Network,
        frame_path: Callable[[str, int], Path],
        retry: MemoryRetry,
        *,
        max_bytes: int,
        on_screen: Callable[[], Collection[Frame]] = frozenset,
    ) -> None:
        self._network = network
        self._frame_path = frame_path
        self._retry = retry
        self._max_bytes = max_bytes
        self._on_screen = on_screen
        self._entries: OrderedDict[Frame, FrameFeatures] = OrderedDict()
        self._ahead: OrderedDict[Frame, FrameFeatures] = OrderedDict()  # not asked for yet
        self._used_at: dict[str, float] = {}  # by video
        self._frame_nbytes = 0
        self._encoding = RLock()
        self.read_ahead = ReadAhead(self.prepare)
        self.encoded = 0

    @property
    def nbytes(self) -> int:
        """Bytes of all features held."""
        return (len(self._entries) + len(self._ahead)) * self._frame_nbytes

    def __contains__(self, frame: Frame) -> bool:
        return frame in self._entries or frame in self._ahead

    def get(self, video_id: str, frame_idx: int) -> FrameFeatures:
        """Return the features of a frame. Raises what `prepare` raises, and `OutOfMemory`."""
        key = (video_id, frame_idx)
        self._used_at[video_id] = monotonic()
        known = self._entries.get(key)
        if known is not None:
            with suppress(KeyError):  # the other thread of a step made it leave
                self._entries.move_to_end(key)
            return known
        with self._encoding:
            features = self._entries.get(key) or self._ahead.pop(key, None) or self._encode(key)
            self._entries[key] = features
            self._shrink()
        return features

    def encode_ahead(self, video_id: str, frame_idx: int) -> bool:
        """Encode a frame before anyone asks for it; False if a needed one would have to leave."""
        key = (video_id, frame_idx)
        self._used_at.setdefault(video_id, monotonic())
        with self._encoding:
            if key in self or not self._has_space_ahead():
                return False
            self._ahead[key] = self._encode(key)
        return True

    def encode_next(self) -> None:
        """Encode the frame that a run needs next, if it has been read."""
        frame = self.read_ahead.first_read()
        if frame is not None:
            with suppress(SessionError):  # its own step raises that again
                self.encode_ahead(*frame)

    def prepare(self, video_id: str, frame_idx: int) -> torch.Tensor:
        """Read a frame and resize it for the model; from any thread.

        Raises what `frame_path` raises, and `StorageFailed` if the file is no image.
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
        """Drop a video's features."""
        self.read_ahead.forget(video_id)
        for entries in (self._entries, self._ahead):
            for key in [key for key in entries if key[0] == video_id]:
                del entries[key]

    def drop_unused(self, before_s: float) -> None:
        """Drop the features of videos that nobody has asked for since `before_s` (monotonic)."""
        for video_id in [known for known, used_s in self._used_at.items() if used_s < before_s]:
            del self._used_at[video_id]
            self.drop_video(video_id)

    def give_way(self) -> None:
        """Forget every frame and hold half as many from now on: memory ran out."""
        if held := self.nbytes:  # otherwise it is not the features that fill it
            least = JUST_USED * self._frame_nbytes
            self._max_bytes = min(self._max_bytes, max(held // 2, least))
        self._entries.clear()
        self._ahead.clear()

    def close(self) -> None:
        """End the reading thread."""
        self.read_ahead.close()

    def _encode(self, key: Frame) -> FrameFeatures:
        pixels = self.read_ahead.take(key)
        if pixels is None:
            pixels = self._retry.run(lambda: self.prepare(*key))
        features = self._retry.run(lambda: self._network.encode(pixels))
        self.encoded += 1
        self._frame_nbytes = features.nbytes
        return features

    def _has_space_ahead(self) -> bool:
        share = self._max_bytes // AHEAD_SHARE // max(1, self._frame_nbytes)
        if not share:
            return False
        while len(self._ahead) >= share:
            self._ahead.popitem(last=False)
        while self.nbytes + self._frame_nbytes > self._max_bytes:
            if not self._drop_oldest(keep_newest=JUST_USED):
                return False
        return True

    def _shrink(self) -> None:
        while self.nbytes > self._max_bytes and len(self._entries) + len(self._ahead) > 1:
            if not self._drop_oldest(keep_newest=1):  # all the others are on screens
                (self._ahead or self._entries).popitem(last=False)

    def _drop_oldest(self, *, keep_newest: int) -> bool:
        """Drop the least recent frame that is on no screen; False if there is none."""
        on_screen = self._on_screen()
        kept = list(self._entries)
        for key in kept[: max(0, len(kept) - keep_newest)]:
            if key not in on_screen:
                del self._entries[key]
                return True
        return False
