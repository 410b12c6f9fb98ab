"""Ends each stretch of a run where its new masks agree with the old ones; in the device thread.

The old masks are those of the track log below the run's own layer, so a run that goes on after a
stop or a kill decides the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.services.propagation.plan import PlannedFrame, RunPlan, Stretch

AGREED_FRAMES = 10  # in a row
LEAST_IOU = 0.98  # of masks that agree; their presence must be equal, too


@dataclass(slots=True)
class _Progress:
    """Whether a stretch is tracked now, and how many frames in a row agreed."""

    active: bool = False
    agreed: int = 0


@dataclass(slots=True)
class StretchWatch:
    """Which pairs a run of stretches tracks on the frame that comes next."""

    plan: RunPlan
    run: int
    _progress: dict[Stretch, _Progress] = field(default_factory=dict)
    _of_visit: dict[tuple[SessionKey, bool, int], Stretch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stretch in self.plan.stretches or ():
            self._progress[stretch] = _Progress()
            visits = ((stretch.key, stretch.reverse, frame_idx) for frame_idx in stretch.frames)
            self._of_visit |= dict.fromkeys(visits, stretch)

    def begin(self, planned: PlannedFrame) -> tuple[SessionKey, ...]:
        """Return the pairs to track on a frame."""
        keys = []
        for key in planned.keys:
            stretch = self._of_visit[key, planned.reverse, planned.frame_idx]
            progress = self._progress[stretch]
            if planned.frame_idx in stretch.starts:
                progress.active, progress.agreed = True, 0
            if progress.active:
                keys.append(key)
        return tuple(keys)

    def wanted(self, ahead: Sequence[PlannedFrame]) -> list[PlannedFrame]:
        """Return the frames that may be tracked, as it looks now; from any thread."""
        return [
            planned
            for planned in ahead
            if any(self._may_track(planned, key) for key in planned.keys)
        ]

    def _may_track(self, planned: PlannedFrame, key: SessionKey) -> bool:
        stretch = self._of_visit[key, planned.reverse, planned.frame_idx]
        return self._progress[stretch].active or planned.frame_idx in stretch.starts

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
            for key in self.begin(planned):
                tracked = engine.session(key).tracked_by(planned.frame_idx, self.run)
                if tracked is not None:
                    found[key] = tracked
            self.note(engine, planned, found)


def agrees(new: Prediction, before: Prediction) -> bool:
    """Whether two predictions of a frame are as good as the same mask."""
    if (new.score > 0) != (before.score > 0):
        return False
    new_hw, before_hw = new.logits_hw > 0, before.logits_hw > 0
    union = int(np.count_nonzero(new_hw | before_hw))
    return not union or int(np.count_nonzero(new_hw & before_hw)) >= LEAST_IOU * union
