"""Undo and redo of an action that changed the keypoints of an instance on many frames."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import Conflict
from sam2_session.services.prompts.history_step import HistoryStep
from sam2_session.services.prompts.keypoint_states import dump, load, require_free
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.keypoint_rows import keypoints_on_frame, replace_on_frame


def step_action(
    tx: Transaction, rev: int, pressed: history_rows.HistoryKey, step: HistoryStep
) -> dict[str, Any]:
    """Take the action that changed this frame last back on all of its frames, or do it again.

    Frames that a later change replaced stay as they are. Returns the depth of the pressed frame,
    ``frames`` that changed and ``kept`` ones. Raises `OthersChange`.
    """
    undone = step.way == "redo"
    client = step.require_own(tx, pressed)
    action = history_rows.action_of(tx, pressed, undone=undone)
    assert action is not None
    changed = kept = 0
    for at, is_next in history_rows.frames_of_action(tx, action, undone=undone):
        if is_next and _step_frame(tx, at, step, client.client_id if client else None):
            history_rows.rename_action(tx, at, action, rev)
            changed += 1
        elif at == pressed:
            raise Conflict(
                "A keypoint of this change is on another frame by now.",
                hint="Undo that change first.",
            )
        else:
            kept += 1
    return {**history_rows.depth(tx, pressed), "frames": changed, "kept": kept}


def _step_frame(
    tx: Transaction, at: history_rows.HistoryKey, step: HistoryStep, client_id: str | None
) -> bool:
    """Change one frame; False if an id of its keypoints is in use elsewhere."""
    instance_id, _, frame_idx = at
    before = keypoints_on_frame(tx, instance_id, frame_idx)
    found = history_rows.next_step(tx, at, step.way)
    after = load(found.before if step.way == "undo" else found.after)
    try:
        require_free(tx, before, after)
    except Conflict:
        return False
    move = history_rows.undo if step.way == "undo" else history_rows.redo
    move(tx, at, dump(before), client_id)
    replace_on_frame(tx, instance_id, frame_idx, after)
    return True
