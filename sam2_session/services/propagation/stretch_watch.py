"""Ends each stretch of a run where its new masks agree with the old ones; in the device thread.

The old masks are those of the track log below the run's own layer, so a run that goes on after a
stop or a kill decides the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.masks import firmness, overlap
from sam2_session.services.propagation.plan import PlannedFrame, RunPlan, Stretch

AGREED_FRAMES = 10  # in a row, that end what follows a correction
SOON_AGREED = 2  # the same elsewhere
LEAST_IOU = 0.98  # of masks that agree; their presence must be equal, too
LEAST_TRIED_IOU = 0.95  # with less, tracking goes on from a frame that was tried
LEAST_FIRMNESS = 0.85  # of a mask that is not expected to change
FIRST_SPENT, SPENT_SHARE = 5, 0.12  # frames that may be tracked away from corrections, of a stretch
SOFT_FRAMES = (1, 4)  # from one frame that is tried to the next, among masks that are not firm
FIRM_FRAMES = (10, 30)  # the same among all; distances begin so and double while nothing differs


@dataclass(slots=True)
class _Progress:
    """State of a stretch: tracked now or not, and how many frames in a row agreed of how many.

    `spent` counts the frames that were tried, and those that were tracked after one of these.
    While it is not tracked, a frame is tried from `firm_at` on, counted from the first one, and
    from `soft_at` on if its mask is not firm. Next come as many frames as the steps say.
    """

    active: bool = False
    agreed: int = 0
    wanted: int = AGREED_FRAMES
    spent: int = 0
    soft_at: int = 0
    soft_step: int = SOFT_FRAMES[0]
    firm_at: int = 0
    firm_step: int = FIRM_FRAMES[0]

    def may_spend(self, at: int) -> bool:
        """Tell if one more frame may be tracked away from corrections."""
        return self.spent + 1 <= FIRST_SPENT + SPENT_SHARE * at

    def stop_if_spent(self, at: int) -> None:
        """End what followed a frame that was tried, once there is nothing left to spend."""
        if self.active and self.wanted == SOON_AGREED and not self.may_spend(at):
            self.active = False

    def start(self, wanted: int) -> None:
        """Track from here on, until so many frames in a row agree."""
        self.active, self.agreed, self.wanted = True, 0, wanted
        self.soft_step, self.firm_step = SOFT_FRAMES[0], FIRM_FRAMES[0]

    def put_off(self, at: int) -> None:
        """Try further on: here nothing differs."""
        self.spent += 1
        self.soft_at, self.soft_step = at + self.soft_step, min(2 * self.soft_step, SOFT_FRAMES[1])
        self.firm_at, self.firm_step = at + self.firm_step, min(2 * self.firm_step, FIRM_FRAMES[1])

    def count(self, at: int, *, agree: bool) -> None:
        """Count a tracked frame."""
        self.spent += self.wanted == SOON_AGREED
        self.agreed = self.agreed + 1 if agree else 0
        self.active = self.agreed < self.wanted
        self.firm_at = at + self.firm_step


@dataclass(slots=True)
class StretchWatch:
    """The pairs that a run of stretches tracks on the frame that comes next."""

    plan: RunPlan
    run: int
    _progress: dict[Stretch, _Progress] = field(default_factory=dict)
    _of_visit: dict[tuple[SessionKey, bool, int], Stretch] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stretch in self.plan.stretches or ():
            self._progress[stretch] = _Progress(active=stretch.whole)
            visits = ((stretch.key, stretch.reverse, frame_idx) for frame_idx in stretch.frames)
            self._of_visit |= dict.fromkeys(visits, stretch)

    def begin(
        self, engine: Engine, planned: PlannedFrame, absent: Collection[SessionKey]
    ) -> tuple[SessionKey, ...]:
        """Return the pairs to track on a frame, those included for which it is only tried.

        It is not tried for pairs that are `absent` there.
        """
        keys = []
        for key in planned.keys:
            stretch, progress = self._at(planned, key)
            if planned.frame_idx in stretch.starts:
                progress.start(AGREED_FRAMES)
            progress.stop_if_spent(abs(planned.frame_idx - stretch.first))
            tried = key not in absent and self._is_tried(engine, planned, key)
            if progress.active or tried:
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
        stretch, progress = self._at(planned, key)
        return planned.frame_idx in stretch.starts or progress.active

    def note(
        self, engine: Engine, planned: PlannedFrame, found: Mapping[SessionKey, Prediction]
    ) -> dict[SessionKey, Prediction]:
        """Compare what was tracked with what was there before, and return what is kept of it."""
        kept = dict(found)
        for key, prediction in found.items():
            stretch, progress = self._at(planned, key)
            if stretch.whole or planned.frame_idx in stretch.starts:
                continue
            session, at = engine.session(key), abs(planned.frame_idx - stretch.first)
            before = session.tracked_before(planned.frame_idx, self.run)
            if not progress.active:
                if before is None or agrees(prediction, before, LEAST_TRIED_IOU):
                    progress.put_off(at)
                    session.drop_tracked(planned.frame_idx, self.run)
                    del kept[key]
                    continue
                progress.start(SOON_AGREED)
            progress.count(at, agree=before is not None and agrees(prediction, before))
        return kept

    def catch_up(
        self,
        engine: Engine,
        visited: Sequence[PlannedFrame],
        absent: Callable[[PlannedFrame], Collection[SessionKey]],
    ) -> None:
        """Decide again about the frames before a stop, from what the run wrote into the log."""
        for planned in visited:
            begun = self.begin(engine, planned, absent(planned))
            found = {}
            for key in planned.keys:
                session, (stretch, progress) = engine.session(key), self._at(planned, key)
                if session.has_record(planned.frame_idx, self.run):
                    if not progress.active:
                        progress.start(SOON_AGREED)
                    found[key] = session.tracked_by(planned.frame_idx, self.run)
                elif key in begun and not progress.active:
                    progress.put_off(abs(planned.frame_idx - stretch.first))
            known = {key: tracked for key, tracked in found.items() if tracked is not None}
            self.note(engine, planned, known)

    def _at(self, planned: PlannedFrame, key: SessionKey) -> tuple[Stretch, _Progress]:
        stretch = self._of_visit[key, planned.reverse, planned.frame_idx]
        return stretch, self._progress[stretch]

    def _is_tried(self, engine: Engine, planned: PlannedFrame, key: SessionKey) -> bool:
        """Tell if a mask may well differ: it is not firm, or none was tried for long."""
        stretch, progress = self._at(planned, key)
        session, at = engine.session(key), abs(planned.frame_idx - stretch.first)
        due = at >= progress.firm_at
        if progress.active or not progress.may_spend(at) or not (due or at >= progress.soft_at):
            return False
        before = session.tracked_before(planned.frame_idx, self.run)
        return (
            before is not None and session.can_track and (due or firmness(before) < LEAST_FIRMNESS)
        )


def agrees(new: Prediction, before: Prediction, least_iou: float = LEAST_IOU) -> bool:
    """Return whether two predictions of a frame are as good as the same mask."""
    return (new.score > 0) == (before.score > 0) and overlap(new, before) >= least_iou
