"""Renders the masks of saved prompts with a model: no stored mask, log or session changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.errors import EngineClosed
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.formats.shapes.cleaning import clean_mask
from sam2_session.inference.masks import to_mask
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.seeds import SessionSeed
from sam2_session.services.prediction.replay import replay
from sam2_session.services.projects.project import Project
from sam2_session.services.propagation.plan import PlannedFrame, RunPlan
from sam2_session.storage import atomic
from sam2_session.storage.cleaning_rows import read_rule
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    BaseRow,
    FrameRow,
    prompted_frames,
    read_base,
    unprompted_frames,
)
from sam2_session.storage.layered_log import LayeredLog

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine
    from sam2_session.inference.session import InferenceSession

LOG = ".track_"
RUN = 1  # of the sessions here, which know no other run

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class RenderedMask:
    """One mask, and the model's object score of it; `is_cleaned` by the rule of its pair."""

    key: SessionKey
    frame_idx: int
    mask_hw: BoolMask
    score: float
    is_cleaned: bool


@dataclass(frozen=True, slots=True)
class SavedPrompts:
    """The input that a pair is rendered from, read at one moment; `prompted` by frame_idx."""

    prompted: Mapping[int, tuple[FrameRow, BaseRow | None]]
    absent: frozenset[int]
    rule: Cleaning

    @classmethod
    def read(cls, tx: Transaction, key: SessionKey) -> SavedPrompts:
        """Read a pair's prompts, absent frames and cleaning rule."""
        prompted = {
            row.frame_idx: (row, read_base(tx, row.state.base.base_id) if row.state.base else None)
            for row in prompted_frames(tx, key)
        }
        absent = {row.frame_idx for row in unprompted_frames(tx, key) if row.state.absent}
        return cls(prompted, frozenset(absent), read_rule(tx, key))

    def painted(self, frame_idx: int, size_hw: tuple[int, int]) -> BoolMask | None:
        """Return the mask made by hand that is a frame's only prompt; else None."""
        row, base = self.prompted.get(frame_idx, (None, None))
        if row is None or base is None or row.state.prompt:
            return None
        return decode_mask(base.png, size_hw)


class MaskRenderer:
    """Runs pairs through a video in sessions of their own, each frame as one device task.

    Prompted frames are predicted first, each by itself; the run then goes out from the first one.
    `folder` holds what the sessions write to disk until `close`.
    """

    def __init__(
        self,
        project: Project,
        engine: Engine,
        saved: Mapping[SessionKey, SavedPrompts],
        folder: Path,
    ) -> None:
        self._project = project
        self._engine = engine
        self._saved = saved
        self._folder = folder
        self._sessions: dict[SessionKey, InferenceSession] = {}

    def frames(self, plan: RunPlan) -> Iterator[tuple[int, list[RenderedMask]]]:
        """Yield each visited frame with its masks. Raises `EngineClosed` if the model changes."""
        self._run(self._open)
        for key, saved in self._saved.items():
            predictions = {
                frame_idx: self._run(partial(self._predict, key, row, base))
                for frame_idx, (row, base) in saved.prompted.items()
            }
            self._run(partial(self._sessions[key].condition, predictions))
        for visit in plan.frames():
            predicted = self._run(partial(self._step, visit))
            masks = [
                self._rendered(key, visit.frame_idx, prediction)
                for key, prediction in predicted.items()
                if not plan.is_second_visit(key, visit.frame_idx, reverse=visit.reverse)
            ]
            yield visit.frame_idx, masks

    def close(self) -> None:
        """Release the sessions, in the device thread if it is still there, and their files."""
        try:
            with suppress(EngineClosed):
                self._run(self._release)
            self._release()
        finally:
            for path in self._folder.glob(f"{LOG}*"):
                atomic.remove(path)

    def _run(self, task: Callable[[], T]) -> T:
        return self._engine.submit(Priority.STEP, task).result()

    def _open(self) -> None:
        network = self._engine.network
        for at, key in enumerate(self._saved):
            path = self._folder / f"{LOG}{at}"
            log = LayeredLog(path, network.signature, network.logits_hw, network.pointer_channels)
            seed = SessionSeed(self._project.size_hw, self._project.num_frames, log)
            self._sessions[key] = self._engine.new_session(key, seed)

    def _release(self) -> None:
        while self._sessions:
            self._sessions.popitem()[1].close()

    def _predict(self, key: SessionKey, row: FrameRow, base: BaseRow | None) -> Prediction:
        signature = self._engine.network.signature
        session = self._sessions[key]
        found = replay(session, row.frame_idx, row.state.prompt, base, signature)
        if found is None:
            raise ValueError(f"{key}: frame {row.frame_idx} has no prompts to replay")
        return found

    def _step(self, visit: PlannedFrame) -> dict[SessionKey, Prediction]:
        return {
            key: self._sessions[key].step(visit.frame_idx, reverse=visit.reverse, run=RUN)
            for key in visit.keys
            if visit.frame_idx not in self._saved[key].absent
        }

    def _rendered(self, key: SessionKey, frame_idx: int, prediction: Prediction) -> RenderedMask:
        saved, size_hw = self._saved[key], self._project.size_hw
        mask_hw = saved.painted(frame_idx, size_hw)
        if mask_hw is not None:
            return RenderedMask(key, frame_idx, mask_hw, prediction.score, False)
        mask_hw = clean_mask(to_mask(prediction, size_hw), saved.rule)
        return RenderedMask(key, frame_idx, mask_hw, prediction.score, bool(saved.rule))
