"""A planned frame of a run on its way through the device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MemoryMode, SessionKey
from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Future
from sam2_session.services.propagation.mask_writer import PredictedFrame
from sam2_session.services.propagation.plan import PlannedFrame
from sam2_session.services.propagation.stretch_watch import StretchWatch

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine


@dataclass(slots=True)
class PendingFrame:
    """A planned frame with its device task; `future` is None if there is nothing to predict."""

    cursor: int
    planned: PlannedFrame
    future: Future[tuple[dict[SessionKey, Prediction], int]] | None = None

    def begin(
        self, engine: Engine, predict: Callable[[PlannedFrame], Any], tracked: Sequence[SessionKey]
    ) -> None:
        """Queue two tasks: for `tracked` pairs it is encoded first; an error comes again then."""
        if tracked:
            encode = partial(engine.encode_for_step, tracked, self.planned.frame_idx)
            engine.submit(Priority.STEP, encode)
        if self.planned.keys:
            self.future = engine.submit(Priority.STEP, partial(predict, self.planned))

    def predicted(self) -> PredictedFrame:
        """Wait for the device."""
        predictions, probes = self.future.result() if self.future else ({}, 0)
        frame = self.planned
        return PredictedFrame(frame.frame_idx, self.cursor + 1, predictions, frame.reverse, probes)

    def give_up(self) -> None:
        """Cancel the task, or wait until it can no longer write."""
        if self.future and not self.future.cancel():
            self.future.exception()


def predict_frame(
    engine: Engine,
    run: int,
    memory: MemoryMode,
    watch: StretchWatch | None,
    absent: tuple[SessionKey, ...],
    planned: PlannedFrame,
) -> tuple[dict[SessionKey, Prediction], int]:
    """Predict a frame's pairs in the device thread; also return how many of it were probes."""
    before = 0 if watch is None else watch.probes
    if watch is not None:
        planned = replace(planned, keys=watch.probe(engine, planned, memory))
    for key in set(absent) & set(planned.keys):
        engine.session(key).forget_tracked(planned.frame_idx)
    keys = tuple(key for key in planned.keys if key not in absent)
    if not keys:
        return {}, 0 if watch is None else watch.probes - before
    found = engine.step(keys, planned.frame_idx, reverse=planned.reverse, run=run, memory=memory)
    if watch is not None:
        watch.note(engine, planned, found)
    return found, 0 if watch is None else watch.probes - before
