"""Writes an import in one transaction, and undoes it in another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.types import Keypoint, SessionKey
from sam2_session.formats.importing.plan import NamedPoint
from sam2_session.services.imports.contents import ImportContents
from sam2_session.services.imports.options import MasksAs
from sam2_session.services.imports.preparation import PreparedFrame
from sam2_session.services.imports.targets import Slot, Target
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.prompts.frame_batch import FrameBatch, Written
from sam2_session.storage import history_rows
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import read_frame
from sam2_session.storage.import_rows import (
    ImportedChange,
    changes_of_import,
    newest_history_id,
    reserve_instance_id,
)
from sam2_session.storage.instance_rows import add_instance, list_instances, save_instance
from sam2_session.storage.keypoint_rows import (
    keypoints_on_frame,
    new_keypoint_id,
    replace_on_frame,
)
from sam2_session.storage.mask_rows import read_mask


@dataclass(slots=True)
class WrittenImport(Written):
    """The changes that an import, or its undo, wrote."""

    made: dict[str, int] = field(default_factory=dict)  # group -> new instance
    history: tuple[int, int] = (0, 0)  # first and last id of its changes


class ImportWriter:
    """Writes frames and keypoints in one transaction, at one revision; `written` tells which."""

    def __init__(self, tx: Transaction, rev: int, video_id: str, staleness: Staleness) -> None:
        self._tx = tx
        self._rev = rev
        self._video_id = video_id
        self.written = WrittenImport()
        self._batch = FrameBatch(tx, rev, staleness, self.written)

    def write(
        self, contents: ImportContents, frames: Sequence[PreparedFrame], masks_as: MasksAs
    ) -> WrittenImport:
        """Write an import; each frame gets a change of its own to undo."""
        first = newest_history_id(self._tx) + 1
        self.written.made = self._make_instances(list(contents.new_instances.values()))
        for slot, class_name in contents.classes.items():
            self._change_class(self._id_of(slot), None, class_name)
        for frame in frames:
            slot, region, frame_idx = frame.target
            key = SessionKey(self._video_id, self._id_of(slot), region)
            before = frame.before or FrameState()
            after = _after(frame, before, masks_as)
            self._batch.change(key, frame_idx, before, after)
        for (slot, frame_idx), points in contents.keypoints.items():
            self._add_keypoints(self._id_of(slot), frame_idx, points)
        self._batch.recondition()
        self.written.history = (first, newest_history_id(self._tx))
        return self.written

    def unclassify(self, classified: Mapping[str, str]) -> None:
        """Take the classes away that an import gave, where they are still the same."""
        for instance_id, class_name in classified.items():
            self._change_class(int(instance_id), class_name, None)

    def undo(self, first: int, last: int, import_rev: int) -> WrittenImport:
        """Undo the changes of an import, except where a later change replaced them."""
        for change in changes_of_import(self._tx, first, last):
            if not change.is_newest or self._was_overwritten(change, import_rev):
                self.written.kept += 1
            elif change.region is None:
                self._undo_keypoints(change.instance_id, change.frame_idx)
            else:
                key = SessionKey(self._video_id, change.instance_id, change.region)
                row = read_frame(self._tx, key, change.frame_idx)
                now = row.state if row else FrameState.from_json(change.after)
                then = history_rows.undo(self._tx, change.history_key, now.to_json())
                self._batch.save(key, change.frame_idx, now, FrameState.from_json(then))
        self._batch.recondition()
        return self.written

    def _make_instances(self, targets: Sequence[Target]) -> dict[str, int]:
        made: dict[str, int] = {}
        for target in sorted(targets, key=lambda target: target.wanted_id or 0):
            if target.wanted_id is not None:
                reserve_instance_id(self._tx, target.wanted_id)
            made[str(target.slot)] = add_instance(self._tx, target.name, None).instance_id
        return made

    def _change_class(self, instance_id: int, before: str | None, after: str | None) -> None:
        known = {row.instance_id: row for row in list_instances(self._tx)}
        instance = known.get(instance_id)
        if instance is not None and instance.class_name == before:
            save_instance(self._tx, replace(instance, class_name=after))
            self.written.classified[instance_id] = after or ""

    def _id_of(self, slot: Slot) -> int:
        return slot if isinstance(slot, int) else self.written.made[slot]

    def _add_keypoints(self, instance_id: int, frame_idx: int, points: list[NamedPoint]) -> None:
        """Add the keypoints whose name the frame does not have yet."""
        before = keypoints_on_frame(self._tx, instance_id, frame_idx)
        names = {keypoint.name for keypoint in before}
        fresh = [point for point in points if point.name not in names]
        if not fresh:
            return
        first_id = new_keypoint_id(self._tx)
        added = [
            Keypoint(
                first_id + n, frame_idx, point.x, point.y, point.name, point.visible, point.derived
            )
            for n, point in enumerate(fresh)
        ]
        at = (instance_id, None, frame_idx)
        history_rows.push(self._tx, at, _dump(before), _dump([*before, *added]))
        replace_on_frame(self._tx, instance_id, frame_idx, [*before, *added])
        self.written.keypoints_of.add(instance_id)

    def _undo_keypoints(self, instance_id: int, frame_idx: int) -> None:
        now = keypoints_on_frame(self._tx, instance_id, frame_idx)
        at = (instance_id, None, frame_idx)
        then = history_rows.undo(self._tx, at, _dump(now))
        replace_on_frame(self._tx, instance_id, frame_idx, [Keypoint(**row) for row in then])
        self.written.keypoints_of.add(instance_id)

    def _was_overwritten(self, change: ImportedChange, import_rev: int) -> bool:
        """Return whether a run has written a mask there since."""
        if change.region is None:
            return False
        key = SessionKey(self._video_id, change.instance_id, change.region)
        row = read_frame(self._tx, key, change.frame_idx)
        mask = read_mask(self._tx, key, change.frame_idx)
        if mask is None or (row is not None and row.state.is_prompted):
            return False
        return mask.rev > (row.rev if row else import_rev)


def _after(frame: PreparedFrame, before: FrameState, masks_as: MasksAs) -> FrameState:
    """The state of a frame after the import; without a mask of its own it keeps what lies below."""
    if frame.base_id is not None:
        is_prompt = masks_as is MasksAs.PROMPTS
        return FrameState(frame.prompt, Base(frame.base_id, is_prompt=is_prompt))
    below = before.base if before.base is not None and not before.base.is_prompt else None
    return FrameState(frame.prompt, below)


def _dump(keypoints: Sequence[Keypoint]) -> list[dict[str, Any]]:
    return [keypoint.to_wire() for keypoint in keypoints]
