"""Ends each stretch of a run where its new masks agree with the old ones; in the device thread.

The old masks are those of the track log below the run's own layer, so a run that goes on after a
stop or a kill decides the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MemoryMode, SessionKey
from sam2_session.services.propagation.plan import PlannedFrame, RunPlan, Stretch

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine

AGREED_FRAMES = 10  # in a row
BLOCK_FRAMES = 60  # of which one is probed before they are passed over
LEAD_FRAMES = 5  # before the probed one, where tracking begins if it differs
LEAST_PROBED_IOU = 0.8  # with less the block is tracked
LEAST_IOU = 0.98  # of masks that agree; their presence must be equal, too


@dataclass(slots=True)
class _Progress:
    """State of a stretch: tracked now or not, and how many frames in a row agreed."""

    active: bool = False
    agreed: int = 0


@dataclass(slots=True)
class StretchWatch:
    """The pairs that a run of stretches tracks on the frame that comes next."""

    plan: RunPlan
    run: int
    _progress: dict[Stretch, _Progress] = field(default_factory=dict)
    _of_visit: dict[tuple[SessionKey, bool, int], Stretch] = field(default_factory=dict)
    probes: int = 0  # frames that were tracked to see whether they differ

    def __post_init__(self) -> None:
        for stretch in self.plan.stretches or ():
            self._progress[stretch] = _Progress()
            visits = ((stretch.key, stretch.reverse, frame_idx) for frame_idx in stretch.frames)
            self._of_visit |= dict.fromkeys(visits, stretch)

    def begin(
        self, planned: PlannedFrame, differs: Callable[[SessionKey, int], bool]
    ) -> tuple[SessionKey, ...]:
        """Return the pairs to track on a frame.

        `differs` says of a pair and a frame of the block that begins here whether it would change.
        """
        keys = []
        for key in planned.keys:
            stretch = self._of_visit[key, planned.reverse, planned.frame_idx]
            progress = self._progress[stretch]
            probed = _probed_in(stretch, planned.frame_idx)
            if planned.frame_idx in stretch.starts or (
                not progress.active and probed is not None and differs(key, probed)
            ):
                progress.active, progress.agreed = True, 0
            if progress.active:
                keys.append(key)
        return tuple(keys)

    def probe(
        self, engine: Engine, planned: PlannedFrame, memory: MemoryMode
    ) -> tuple[SessionKey, ...]:
        """Return the pairs to track on a frame, probing the blocks that begin there."""

        def differs(key: SessionKey, frame_idx: int) -> bool:
            session = engine.session(key)
            before = session.tracked_before(frame_idx, self.run)
            if before is None or not session.can_track:
                return False
            self.probes += 1
            found = session.look(frame_idx, reverse=planned.reverse, run=self.run, memory=memory)
            return not agrees(found, before, LEAST_PROBED_IOU)

        return self.begin(planned, differs)

    def wanted(self, ahead: Sequence[PlannedFrame]) -> list[PlannedFrame]:
        """Return the frames that may be tracked, as it looks now; from any thread."""
        return [
            planned
            for planned in ahead
            if any(self._may_track(planned, key) for key in planned.keys)
        ]

    def _may_track(self, planned: PlannedFrame, key: SessionKey) -> bool:
        stretch = self._of_visit[key, planned.reverse, planned.frame_idx]
        begins = planned.frame_idx in stretch.starts
        return begins or stretch.whole or self._progress[stretch].active

    def note(
        self, engine: Engine, planned: PlannedFrame, found: Mapping[SessionKey, Prediction]
    ) -> None:
        """Compare what was tracked with what was there before."""
        for key, prediction in found.items():
            stretch = self._of_visit[key, planned.reverse, planned.frame_idx]
            if stretch.whole or planned.frame_idx in stretch.starts:
                continue
            before = engine.session(key).tracked_before(planned.frame_idx, self.run)
            progress = self._progress[stretch]
            agree = before is not None and agrees(prediction, before)
            progress.agreed = progress.agreed + 1 if agree else 0
            progress.active = progress.agreed < AGREED_FRAMES

    def catch_up(self, engine: Engine, visited: Sequence[PlannedFrame]) -> None:
        """Decide again about the frames before a stop, from what the run wrote into the log."""
        for planned in visited:
            found = {}
            for key in self.begin(planned, lambda _, __: False):
                found[key] = engine.session(key).tracked_by(planned.frame_idx, self.run)
            for key in planned.keys:
                session = engine.session(key)
                if key not in found and session.has_record(planned.frame_idx, self.run):
                    self._activate(planned, key)
                    found[key] = session.tracked_by(planned.frame_idx, self.run)
            known = {key: tracked for key, tracked in found.items() if tracked is not None}
            self.note(engine, planned, known)

    def _activate(self, planned: PlannedFrame, key: SessionKey) -> None:
        stretch = self._of_visit[key, planned.reverse, planned.frame_idx]
        self._progress[stretch] = _Progress(active=True)


def _probed_in(stretch: Stretch, frame_idx: int) -> int | None:
    """Return the frame to probe if a block begins here; None if not."""
    if stretch.whole or abs(frame_idx - stretch.first) % BLOCK_FRAMES:
        return None
    way = -1 if stretch.reverse else 1
    ahead = frame_idx + way * LEAD_FRAMES
    return ahead if ahead * way <= stretch.last * way else stretch.last


def agrees(new: Prediction, before: Prediction, least_iou: float = LEAST_IOU) -> bool:
    """Return whether two predictions of a frame are as good as the same mask."""
    if (new.score > 0) != (before.score > 0):
        return False
    new_hw, before_hw = new.logits_hw > 0, before.logits_hw > 0
    union = int(np.count_nonzero(new_hw | before_hw))
    return not union or int(np.count_nonzero(new_hw & before_hw)) >= least_iou * union
