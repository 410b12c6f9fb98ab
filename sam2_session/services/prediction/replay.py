"""The canonical replay: a frame's prediction as a function of its state.

A box alone comes first, then the points one by one in click order, each refining the prediction
before it, as they would if just clicked. What was answered before is read, never computed again: so
undo and a restart give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sam2_session.core.frame_state import FrameState
from sam2_session.core.predictions import Prediction
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.inference.session import InferenceSession
from sam2_session.services.projects.project import Project
from sam2_session.storage.frame_rows import FrameRow, read_base, read_prediction

Find = Callable[[str], Prediction | None]  # what was answered to the state of this digest


@dataclass(frozen=True, slots=True)
class Replayed:
    """A prediction, and those on the way to it that had to be computed, by digest."""

    prediction: Prediction
    fresh: dict[str, Prediction] = field(default_factory=dict)


def replay(
    project: Project,
    session: InferenceSession,
    row: FrameRow,
    signature: str,
    find: Find = lambda _: None,
) -> Replayed:
    """Predict a prompted frame's state, from the longest prefix already answered.

    `find` knows answers that are not on disk yet.
    """
    fresh: dict[str, Prediction] = {}
    previous, todo = _longest_prefix(project, session, row, signature, find)
    if previous is None:
        previous = _below(project, session, row, signature)
        if previous is not None and not row.state.prompt:
            fresh[row.state.digest] = previous
    for step in todo:
        previous = session.predict(row.frame_idx, step.prompt, previous)
        fresh[step.digest] = previous
    if previous is None:
        raise ValueError(f"{session.key}: frame {row.frame_idx} has no prompts to replay")
    return Replayed(previous, fresh)


def _longest_prefix(
    project: Project, session: InferenceSession, row: FrameRow, signature: str, find: Find
) -> tuple[Prediction | None, list[FrameState]]:
    def stored(digest: str) -> Prediction | None:
        return project.db.read(
            lambda tx: read_prediction(tx, session.key, row.frame_idx, digest, signature)
        )

    steps = list(row.state.steps()) if row.state.prompt else [row.state]
    for count in range(len(steps), 0, -1):
        digest = steps[count - 1].digest
        found = find(digest) or stored(digest)
        if found is not None:
            return found, steps[count:]
    return None, steps if row.state.prompt else []


def _below(
    project: Project, session: InferenceSession, row: FrameRow, signature: str
) -> Prediction | None:
    """What the first prompt refines: the base's own logits, or else its mask taken as it is."""
    base = row.state.base
    if base is None:
        return None
    stored = project.db.read(lambda tx: read_base(tx, base.base_id))
    if stored.prediction is not None and stored.signature == signature:
        return stored.prediction
    mask_hw = decode_mask(stored.png, session.size_hw)
    return session.predict_mask(row.frame_idx, mask_hw)
