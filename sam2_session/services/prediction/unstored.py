"""Predictions on their way from the device to the disk."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Lock

MAX_FRAMES = 64  # whose predictions are kept; forgetting some costs a decoder run each, no more

Place = tuple[SessionKey, int, str]  # pair, frame_idx, signature of the network


class Unstored:
    """By the digest of the frame's state: the next click finds them before the commit."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._places: OrderedDict[Place, dict[str, Prediction]] = OrderedDict()

    def find(self, place: Place, digest: str) -> Prediction | None:
        """What was predicted for this state and is not stored yet."""
        with self._lock:
            return self._places.get(place, {}).get(digest)

    def add(self, place: Place, fresh: Mapping[str, Prediction]) -> dict[str, Prediction]:
        """Keep these; answers all that are to be stored for this place."""
        with self._lock:
            kept = self._places.setdefault(place, {})
            kept.update(fresh)
            self._places.move_to_end(place)
            if len(self._places) > MAX_FRAMES:
                self._places.popitem(last=False)
            return dict(kept)

    def stored(self, place: Place, digests: Iterable[str]) -> None:
        """These are on disk."""
        with self._lock:
            kept = self._places.get(place, {})
            for digest in digests:
                kept.pop(digest, None)
            if not kept:
                self._places.pop(place, None)
