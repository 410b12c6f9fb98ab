"""Prepares an import: stores its masks, not yet referenced, and reads each frame's state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.frame_state import FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import BoolMask, FramePrompt, MaskSource, SessionKey
from sam2_session.formats.importing.plan import Notes, Outcome
from sam2_session.services.imports.contents import FrameContent, TargetFrame
from sam2_session.services.imports.options import Existing, MasksAs
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import BaseRow, add_base, read_frame, remove_bases
from sam2_session.storage.mask_rows import MaskRow, read_mask

BATCH = 128  # masks that share a commit


@dataclass(slots=True)
class PreparedFrame:
    """The prompt and mask of one frame, and the frame's state before the import.

    `base_id` is the mask's row, which nothing refers to until the import is committed; `revs` are
    the revisions of the frame's row and mask when `before` was read.
    """

    target: TargetFrame
    prompt: FramePrompt
    base_id: int | None = None
    before: FrameState | None = None
    revs: tuple[int | None, int | None] = (None, None)


class Preparation:
    """Prepares the frames of one import; `frames` are those that will be written."""

    def __init__(self, project: Project, frame_masks: FrameMasks, masks_as: MasksAs) -> None:
        self._project = project
        self._frame_masks = frame_masks
        self._source = MaskSource.HUMAN if masks_as is MasksAs.PROMPTS else MaskSource.IMPORTED
        self._base_ids: list[int] = []
        self.frames: list[PreparedFrame] = []

    def run(self, contents: Mapping[TargetFrame, FrameContent], notes: Notes) -> Iterator[int]:
        """Prepare and yield each frame; notes a broken mask, and keeps the rest of its frame."""
        waiting: list[tuple[PreparedFrame, BaseRow]] = []
        for target, content in contents.items():
            base = self._read_base(target, content, notes)
            if base is not None or content.prompt:
                frame = PreparedFrame(target, content.prompt)
                self._read_state(frame)
                self.frames.append(frame)
                if base is not None:
                    waiting.append((frame, base))
            if len(waiting) >= BATCH:
                self._store(waiting)
                waiting.clear()
            yield target.frame_idx
        self._store(waiting)

    def refresh(self, existing: Existing, notes: Notes) -> None:
        """Read changed frames again; call it before the commit, holding the project's lock."""
        kept = []
        for frame in self.frames:
            key = _key_of(self._project, frame.target)
            if key is not None:
                revs = partial(_revs_of, key=key, frame_idx=frame.target.frame_idx)
                if self._project.db.read(revs) != frame.revs:
                    self._read_state(frame)
            before = frame.before or FrameState()
            if existing is Existing.KEEP and before.is_human:
                why = "Somebody prompted the frame meanwhile."
                notes.add(Outcome.SKIPPED, why, str(tuple(frame.target)))
            else:
                kept.append(frame)
        self.frames = kept

    def discard(self) -> None:
        """Remove the stored masks of an import that failed."""
        if self._base_ids:
            self._project.db.write(partial(remove_bases, base_ids=self._base_ids))

    def _read_state(self, frame: PreparedFrame) -> None:
        """Read a frame's state; a mask that no prompt made is captured, to be restored by undo."""
        key = _key_of(self._project, frame.target)
        if key is None:
            frame.before = FrameState()
            return
        frame_idx = frame.target.frame_idx
        with self._project.lock:
            frame.revs = self._project.db.read(partial(_revs_of, key=key, frame_idx=frame_idx))
            exists = any(rev is not None for rev in frame.revs)
            frame.before = (
                self._frame_masks.capture(self._project, key, frame_idx) if exists else FrameState()
            )

    def _read_base(
        self, target: TargetFrame, content: FrameContent, notes: Notes
    ) -> BaseRow | None:
        where = f"frame {target.frame_idx}, {target.region}"
        try:
            mask_hw = content.read_mask()
        except InvalidPrompt as error:
            notes.add(Outcome.SKIPPED, error.message, where)
            return None
        if mask_hw is None:
            return None
        if mask_hw.shape != self._project.size_hw:
            notes.add(Outcome.SKIPPED, "The mask is not of the video's size.", where)
            return None
        return _base_of(mask_hw, self._source)

    def _store(self, waiting: Sequence[tuple[PreparedFrame, BaseRow]]) -> None:
        ids = self._project.db.write(lambda tx: [add_base(tx, base) for _, base in waiting])
        for (frame, _), base_id in zip(waiting, ids, strict=True):
            frame.base_id = base_id
        self._base_ids += ids


def _base_of(mask_hw: BoolMask, source: MaskSource) -> BaseRow:
    """Encode a mask as the database keeps it below a frame's prompts."""
    facts = MaskRow(0, 0, source, mask_facts(mask_hw)).to_wire()
    return BaseRow(encode_gray8(mask_hw), facts, None, None)


def _key_of(project: Project, target: TargetFrame) -> SessionKey | None:
    """Return the pair of a frame; None if its instance does not exist yet."""
    if isinstance(target.slot, int):
        return SessionKey(project.video_id, target.slot, target.region)
    return None


def _revs_of(tx: Transaction, key: SessionKey, frame_idx: int) -> tuple[int | None, int | None]:
    frame, mask = read_frame(tx, key, frame_idx), read_mask(tx, key, frame_idx)
    return (frame.rev if frame else None, mask.rev if mask else None)
