"""Predictions on their way from the device to the disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from sam2_session.core.predictions import Prediction
from sam2_session.runtime import Lock
from sam2_session.services.masks.frame_mask import PairFrame

MAX_FRAMES = 64  # beyond them the oldest are dropped, which costs a decoder run each, no more


class UnsavedPredictions:
    """Holds predictions until they are committed, so that the next click finds them before.

    By frame, signature of the network, and digest of the frame's state.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._frames: OrderedDict[tuple[PairFrame, str], dict[str, Prediction]] = OrderedDict()

    def find(self, frame: PairFrame, signature: str, digest: str) -> Prediction | None:
        """Return the unsaved prediction for a state of a frame."""
        with self._lock:
            return self._frames.get((frame, signature), {}).get(digest)

    def add(
        self, frame: PairFrame, signature: str, fresh: Mapping[str, Prediction]
    ) -> dict[str, Prediction]:
        """Hold these, by digest; return all that are to be saved for this frame."""
        with self._lock:
            held = self._frames.setdefault((frame, signature), {})
            held.update(fresh)
            self._frames.move_to_end((frame, signature))
            if len(self._frames) > MAX_FRAMES:
                self._frames.popitem(last=False)
            return dict(held)

    def discard(self, frame: PairFrame, signature: str, digests: Iterable[str]) -> None:
        """Drop these: they are on disk."""
        with self._lock:
            held = self._frames.get((frame, signature), {})
            for digest in digests:
                held.pop(digest, None)
            if not held:
                self._frames.pop((frame, signature), None)
