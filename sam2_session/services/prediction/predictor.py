"""Prediction of a frame as a function of its state, computed in the device thread.

This is the canonical replay: a box alone comes first, then the points one by one in click order,
each refining the prediction before it, as they would if just clicked. A state that was predicted
before is read, never computed again: so undo and a restart give the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sam2_session.core.frame_state import FrameState
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.runtime import monotonic
from sam2_session.services.masks.frame_mask import PairFrame
from sam2_session.services.prediction.replay import predict_base
from sam2_session.services.prediction.unsaved_predictions import UnsavedPredictions
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    FrameRow,
    is_conditioned,
    read_base,
    read_frame,
    read_prediction,
    save_prediction,
)

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine
    from sam2_session.inference.session import InferenceSession


@dataclass(slots=True)
class FramePrediction:
    """A state of a frame and what the network of this signature predicts for it.

    `unsaved` are the predictions of this frame that are not on disk, by digest of their state;
    `timings` are seconds by stage.
    """

    row: FrameRow
    signature: str
    prediction: Prediction
    unsaved: dict[str, Prediction]
    timings: dict[str, float] = field(default_factory=dict)
    _packed: dict[str, bytes] | None = None

    def pack(self) -> dict[str, bytes]:
        """Compress the unsaved predictions, by digest, once: before the transaction that saves."""
        if self._packed is None:
            self._packed = {digest: each.pack() for digest, each in self.unsaved.items()}
        return self._packed


class FramePredictor:
    """Predicts a frame, starting from the longest stored prefix of its prompts."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects
        self._unsaved = UnsavedPredictions()

    def predict_newest(
        self, engine: Engine, frame: PairFrame, requested_at: float
    ) -> FramePrediction | None:
        """Predict the frame's newest state, which its live session holds from now on.

        None if the frame has no prompts.
        """
        started = monotonic()
        key, frame_idx = frame
        project = self._projects.get(key.video_id)
        row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
        if row is None or not row.state.is_prompted:
            return None
        engine.features.get(key.video_id, frame_idx)
        encoded = monotonic()
        predicted = self._predict(engine, key, row)
        session = engine.session(key)
        session.set_prompted(frame_idx, predicted.prediction)
        digest = row.state.digest
        if project.db.read(lambda tx: is_conditioned(tx, key, frame_idx, digest)):
            session.restore(frame_idx)
        predicted.timings = {
            "queue_s": started - requested_at,
            "encode_s": encoded - started,
            "decode_s": monotonic() - encoded,
        }
        return predicted

    def predict_rows(
        self, engine: Engine, key: SessionKey, rows: list[FrameRow]
    ) -> dict[int, Prediction]:
        """Predict prompted frames, by frame_idx, in the device thread.

        New predictions are saved, so that a rebuilt session has them.
        """
        project = self._projects.get(key.video_id)
        found = {}
        for row in rows:
            predicted = self._predict(engine, key, row)
            found[row.frame_idx] = predicted.prediction
            if predicted.pack():
                project.db.write(partial(self.save, key=key, predicted=predicted))
                self.saved(key, predicted)
        return found

    def try_state(self, engine: Engine, frame: PairFrame, state: FrameState) -> Prediction:
        """Predict prompts that are not stored, from the longest prefix that is; keeps nothing."""
        project, session = self._projects.get(frame.key.video_id), engine.session(frame.key)
        signature = engine.network.signature
        previous, remaining = self._longest_prefix(project, frame, state, signature)
        if previous is None:
            row = FrameRow(frame.frame_idx, 0, state)
            previous = _predict_base(project, session, row, signature)
        for step in remaining:
            previous = session.predict(frame.frame_idx, step.prompt, previous)
        if previous is None:
            raise ValueError(f"{frame.key}: frame {frame.frame_idx} has no prompts to try")
        return previous

    def save(self, tx: Transaction, key: SessionKey, predicted: FramePrediction) -> None:
        """Write the unsaved predictions in a transaction; call `saved` once it is committed."""
        for digest, packed in predicted.pack().items():
            save_prediction(tx, key, predicted.row.frame_idx, digest, predicted.signature, packed)

    def saved(self, key: SessionKey, predicted: FramePrediction) -> None:
        """Stop holding predictions that are on disk."""
        frame = PairFrame(key, predicted.row.frame_idx)
        self._unsaved.discard(frame, predicted.signature, predicted.unsaved)

    def _predict(self, engine: Engine, key: SessionKey, row: FrameRow) -> FramePrediction:
        project, session = self._projects.get(key.video_id), engine.session(key)
        frame, signature = PairFrame(key, row.frame_idx), engine.network.signature
        fresh: dict[str, Prediction] = {}
        previous, remaining = self._longest_prefix(project, frame, row.state, signature)
        if previous is None:
            previous = _predict_base(project, session, row, signature)
            if previous is not None and not row.state.prompt:
                fresh[row.state.digest] = previous
        for state in remaining:
            previous = session.predict(row.frame_idx, state.prompt, previous)
            fresh[state.digest] = previous
        if previous is None:
            raise ValueError(f"{key}: frame {row.frame_idx} has no prompts to replay")
        return FramePrediction(row, signature, previous, self._unsaved.add(frame, signature, fresh))

    def _longest_prefix(
        self, project: Project, frame: PairFrame, state: FrameState, signature: str
    ) -> tuple[Prediction | None, list[FrameState]]:
        """Return the prediction of the longest prefix that has one, and the states after it."""

        def read(tx: Transaction, digest: str) -> Prediction | None:
            return read_prediction(tx, frame.key, frame.frame_idx, digest, signature)

        states = list(state.steps()) if state.prompt else [state]
        for count in range(len(states), 0, -1):
            digest = states[count - 1].digest
            found = self._unsaved.find(frame, signature, digest)
            found = found or project.db.read(partial(read, digest=digest))
            if found is not None:
                return found, states[count:]
        return None, states if state.prompt else []


def _predict_base(
    project: Project, session: InferenceSession, row: FrameRow, signature: str
) -> Prediction | None:
    """Return what the first prompt refines; see `predict_base`."""
    base = row.state.base
    stored = project.db.read(lambda tx: read_base(tx, base.base_id)) if base else None
    return predict_base(session, row.frame_idx, stored, signature)
