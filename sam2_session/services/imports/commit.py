"""The one transaction of an import, and the one that takes it back: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.types import Keypoint, SessionKey
from sam2_session.formats.importing.plan import NamedPoint
from sam2_session.services.imports.drafts import Drafts, Staged
from sam2_session.services.imports.options import MasksAs
from sam2_session.services.imports.targets import Slot, Target
from sam2_session.services.masks.staleness import Staleness
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import FrameRow, drop_conditioned, read_frame, save_frame
from sam2_session.storage.import_rows import (
    ImportedChange,
    changes_of_import,
    newest_history_id,
    reserve_instance_id,
)
from sam2_session.storage.instance_rows import add_instance
from sam2_session.storage.keypoint_rows import (
    keypoints_on_frame,
    new_keypoint_id,
    replace_on_frame,
)
from sam2_session.storage.mask_rows import break_runs, read_mask


@dataclass(slots=True)
class Change:
    """What a transaction changed, for whoever brings files and live sessions up to it."""

    rows: dict[SessionKey, list[FrameRow]] = field(default_factory=dict)
    unprompted: list[tuple[SessionKey, int]] = field(default_factory=list)  # had prompts before
    keypoints_of: set[int] = field(default_factory=set)  # instances
    made: dict[str, int] = field(default_factory=dict)  # group -> new instance
    history: tuple[int, int] = (0, 0)  # ids of its steps, first and last
    kept: int = 0  # steps that were not taken back, since something came after them


class Writer:
    """Writes frames and keypoints within one transaction, at one revision."""

    def __init__(self, tx: Transaction, rev: int, video_id: str, staleness: Staleness) -> None:
        self._tx = tx
        self._rev = rev
        self._video_id = video_id
        self._staleness = staleness
        self.change = Change()

    def write(self, drafts: Drafts, staged: Sequence[Staged], masks_as: MasksAs) -> Change:
        """Everything of an import; each frame gets a step of its own to undo."""
        first = newest_history_id(self._tx) + 1
        self.change.made = self._make_instances(list(drafts.new_instances.values()))
        for one in staged:
            slot, region, frame_idx = one.place
            key = SessionKey(self._video_id, self._id_of(slot), region)
            before = one.before or FrameState()
            after = _after(one, before, masks_as)
            place = (key.instance_id, key.region, frame_idx)
            history_rows.push(self._tx, place, before.to_json(), after.to_json())
            self._save(key, frame_idx, before, after)
        for (slot, frame_idx), points in drafts.keypoints.items():
            self._add_keypoints(self._id_of(slot), frame_idx, points)
        self._recondition()
        self.change.history = (first, newest_history_id(self._tx))
        return self.change

    def take_back(self, first: int, last: int, import_rev: int) -> Change:
        """Undo the steps of an import; where something came after them, they stay."""
        for step in changes_of_import(self._tx, first, last):
            if not step.is_newest or self._was_overwritten(step, import_rev):
                self.change.kept += 1
            elif step.region is None:
                self._take_back_keypoints(step.instance_id, step.frame_idx)
            else:
                key = SessionKey(self._video_id, step.instance_id, step.region)
                row = read_frame(self._tx, key, step.frame_idx)
                now = row.state if row else FrameState.from_json(step.after)
                then = history_rows.undo(self._tx, step.history_key, now.to_json())
                self._save(key, step.frame_idx, now, FrameState.from_json(then))
        self._recondition()
        return self.change

    def _make_instances(self, targets: Sequence[Target]) -> dict[str, int]:
        made: dict[str, int] = {}
        for target in sorted(targets, key=lambda one: one.wanted_id or 0):
            if target.wanted_id is not None:
                reserve_instance_id(self._tx, target.wanted_id)
            made[str(target.slot)] = add_instance(self._tx, target.name, None).instance_id
        return made

    def _id_of(self, slot: Slot) -> int:
        return slot if isinstance(slot, int) else self.change.made[slot]

    def _save(self, key: SessionKey, frame_idx: int, before: FrameState, after: FrameState) -> None:
        row = FrameRow(frame_idx, self._rev, after)
        save_frame(self._tx, key, row)
        self.change.rows.setdefault(key, []).append(row)
        if before.is_prompted and not after.is_prompted:
            self.change.unprompted.append((key, frame_idx))
            if drop_conditioned(self._tx, key, frame_idx):
                break_runs(self._tx, key)

    def _recondition(self) -> None:
        for key, rows in self.change.rows.items():
            if any(row.state.is_prompted for row in rows):
                self._staleness.recondition(self._tx, key)

    def _add_keypoints(self, instance_id: int, frame_idx: int, points: list[NamedPoint]) -> None:
        """Those whose name is not there yet."""
        before = keypoints_on_frame(self._tx, instance_id, frame_idx)
        names = {one.name for one in before}
        fresh = [point for point in points if point.name not in names]
        if not fresh:
            return
        first_id = new_keypoint_id(self._tx)
        added = [
            Keypoint(first_id + at, frame_idx, point.x, point.y, point.name, point.visible)
            for at, point in enumerate(fresh)
        ]
        place = (instance_id, None, frame_idx)
        history_rows.push(self._tx, place, _dump(before), _dump([*before, *added]))
        replace_on_frame(self._tx, instance_id, frame_idx, [*before, *added])
        self.change.keypoints_of.add(instance_id)

    def _take_back_keypoints(self, instance_id: int, frame_idx: int) -> None:
        now = keypoints_on_frame(self._tx, instance_id, frame_idx)
        place = (instance_id, None, frame_idx)
        then = history_rows.undo(self._tx, place, _dump(now))
        replace_on_frame(self._tx, instance_id, frame_idx, [Keypoint(**row) for row in then])
        self.change.keypoints_of.add(instance_id)

    def _was_overwritten(self, step: ImportedChange, import_rev: int) -> bool:
        """Whether a run has put a mask there since."""
        if step.region is None:
            return False
        key = SessionKey(self._video_id, step.instance_id, step.region)
        row, mask = (
            read_frame(self._tx, key, step.frame_idx),
            read_mask(self._tx, key, step.frame_idx),
        )
        if mask is None or (row is not None and row.state.is_prompted):
            return False
        return mask.rev > (row.rev if row else import_rev)


def _after(one: Staged, before: FrameState, masks_as: MasksAs) -> FrameState:
    if one.base_id is not None:
        return FrameState(one.prompt, Base(one.base_id, is_prompt=masks_as is MasksAs.PROMPTS))
    below = before.base if before.base is not None and not before.base.is_prompt else None
    return FrameState(one.prompt, below)


def _dump(keypoints: Sequence[Keypoint]) -> list[dict[str, Any]]:
    return [one.to_wire() for one in keypoints]
