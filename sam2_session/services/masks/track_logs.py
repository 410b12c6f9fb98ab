"""Track logs of the network in use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.slot import EngineSlot
from sam2_session.storage.layered_log import LayeredLog
from sam2_session.storage.workspace import Workspace

if TYPE_CHECKING:
    from sam2_session.inference.network import Network


class TrackLogs:
    """Opens the log of a pair for a network; another network's log counts as empty."""

    def __init__(self, workspace: Workspace, slot: EngineSlot) -> None:
        self._workspace = workspace
        self._slot = slot

    def open(self, key: SessionKey, network: Network) -> LayeredLog:
        """Open a pair's log; the caller closes it."""
        return LayeredLog(
            self._workspace.track_log_path(key),
            network.signature,
            network.logits_hw,
            network.pointer_channels,
        )

    def erase(self, key: SessionKey, frames: Sequence[int]) -> None:
        """Erase what runs found on these frames; no live session may hold the log."""
        engine = self._slot.peek()
        if engine is None:
            return
        log = self.open(key, engine.network)
        try:
            for frame_idx in frames:
                log.erase_all(frame_idx)
        finally:
            log.close()

    def read(
        self, key: SessionKey, frame_idx: int, *, run: int | None, score: float | None
    ) -> tuple[Prediction, str] | None:
        """Return this run's prediction of a frame and the network's signature, or None.

        None as well if its object score is another: a fill finds two, and the log has the second.
        """
        engine = self._slot.peek()
        if engine is None:
            return None
        log = self.open(key, engine.network)
        try:
            record = log.read(frame_idx)
        finally:
            log.close()
        if record is None or record.prediction is None or record.run != run:
            return None
        if record.prediction.score != score:
            return None
        return record.prediction, engine.network.signature
