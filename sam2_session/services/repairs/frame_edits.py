"""Edits of masks in a range: each kind reads some frames, and says what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from sam2_session.core import edits
from sam2_session.core.cleaning import Cleaning
from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.formats.shapes.cleaning import clean_mask
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.storage.frame_rows import BaseRow, add_base, read_base, read_frame
from sam2_session.storage.mask_rows import MaskRow, masks_between

NOTHING = FrameState()


@dataclass(frozen=True, slots=True)
class FrameEdit:
    """A frame to change; `mask` is the file that a prompted frame gets with its prompts."""

    key: SessionKey
    frame_idx: int
    before: FrameState
    after: FrameState
    mask: tuple[MaskRow, bytes] | None = None
    source: SessionKey | None = None  # the pair that prompts come from


@dataclass(slots=True)
class Frames:
    """Frames of a project while a repair reads them.

    `base_ids` are the bases stored for it, to be removed if it fails; `kept` counts frames that it
    leaves as they are, since a person made or approved them.
    """

    project: Project
    frame_masks: FrameMasks
    base_ids: list[int] = field(default_factory=list)
    kept: int = 0

    def states(self, key: SessionKey, frames: Sequence[int]) -> dict[int, FrameState]:
        """Read the states of these frames; masks that no prompt made become bases."""
        return self.frame_masks.capture_all(self.project, key, frames, self.base_ids)

    def masks(self, key: SessionKey, frames: Sequence[int]) -> dict[int, MaskRow]:
        """Read the rows of these frames' masks."""
        rows = self.project.db.read(
            partial(masks_between, key=key, first=frames[0], last=frames[-1])
        )
        wanted = set(frames)
        return {row.frame_idx: row for row in rows if row.frame_idx in wanted}

    def add_base(self, base: BaseRow, *, is_prompt: bool = False) -> Base:
        """Store a mask for a frame to come."""
        base_id = self.project.db.write(lambda tx: add_base(tx, base))
        self.base_ids.append(base_id)
        return Base(base_id, is_prompt)


class Repair(Protocol):
    """One kind of repair; `label` names it on job cards."""

    @property
    def label(self) -> str: ...

    @property
    def pairs(self) -> tuple[SessionKey, ...]:
        """The pairs whose masks it changes."""

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        """Read these frames and return what changes; the project's lock is held."""

    def why_nothing(self, kept: int) -> str:
        """Say why nothing changed; `kept` frames were left as they are."""
        if kept:
            return f"Nothing changed: a person made or approved the {kept} masks of these frames."
        return "There is nothing to repair on these frames."


@dataclass(frozen=True, slots=True)
class Move(Repair):
    """Moves masks from one pair to another, or swaps them; with `prompts` prompted frames, too.

    Moved masks follow from no run of their new pair, so they are not stale; `approve` approves
    them, so that the next run keeps them.
    """

    source: SessionKey
    target: SessionKey
    swap: bool
    prompts: bool
    approve: bool

    @property
    def label(self) -> str:
        return "swap masks" if self.swap else "move masks"

    @property
    def pairs(self) -> tuple[SessionKey, ...]:
        return (self.source, self.target)

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        here, there = frames.states(self.source, chunk), frames.states(self.target, chunk)
        changes = []
        for frame_idx in chunk:
            mine, theirs = here[frame_idx], there[frame_idx]
            if mine == NOTHING and (theirs == NOTHING or not self.swap):
                continue
            if not self.prompts and (mine.is_human or theirs.is_human):
                frames.kept += 1
                continue
            changes.append(
                self._arrived(frames, (self.source, self.target), frame_idx, mine, theirs)
            )
            back = theirs if self.swap else NOTHING
            changes.append(self._arrived(frames, (self.target, self.source), frame_idx, back, mine))
        return changes

    def _arrived(
        self,
        frames: Frames,
        way: tuple[SessionKey, SessionKey],
        frame_idx: int,
        moved: FrameState,
        before: FrameState,
    ) -> FrameEdit:
        origin, key = way
        if not moved.is_prompted:
            after = replace(moved, base=self._base_of(frames, moved.base))
            if self.approve and moved.absent:
                after = replace(after, approved_as="")
            return FrameEdit(key, frame_idx, before, after)
        mask = _prompted_mask(frames, origin, frame_idx, approve=self.approve)
        return FrameEdit(key, frame_idx, before, moved, mask, origin)

    def _base_of(self, frames: Frames, base: Base | None) -> Base | None:
        if base is None:
            return None
        stored = frames.project.db.read(lambda tx: read_base(tx, base.base_id))
        approved = self.approve or stored.facts["approved"]
        facts = {**stored.facts, "run": None, "approved": approved}
        return frames.add_base(replace(stored, facts=facts))


@dataclass(frozen=True, slots=True)
class Delete(Repair):
    """Deletes masks; with `checked` also those that a person made or approved."""

    key: SessionKey
    checked: bool
    label: str = "delete masks"

    @property
    def pairs(self) -> tuple[SessionKey, ...]:
        return (self.key,)

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        rows = frames.masks(self.key, chunk)
        states = frames.states(self.key, chunk)
        found = [frame_idx for frame_idx in chunk if states[frame_idx] != NOTHING]
        taken = [idx for idx in found if self.checked or not is_checked(states[idx], rows.get(idx))]
        frames.kept += len(found) - len(taken)
        return [FrameEdit(self.key, idx, states[idx], NOTHING) for idx in taken]


@dataclass(frozen=True, slots=True)
class Clean(Repair):
    """Cleans masks; with `checked` also those that a person made or approved.

    The mask of a prompted frame becomes one made by hand.
    """

    key: SessionKey
    cleaning: Cleaning
    checked: bool
    label: str = "clean masks"

    @property
    def pairs(self) -> tuple[SessionKey, ...]:
        return (self.key,)

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        rows = frames.masks(self.key, chunk)
        cleaned = {idx: self._cleaned(frames, row) for idx, row in rows.items() if not row.absent}
        wanted = [idx for idx, base in cleaned.items() if base is not None]
        states = frames.states(self.key, wanted)
        changes = []
        for frame_idx, before in states.items():
            if not self.checked and is_checked(before, rows[frame_idx]):
                frames.kept += 1
                continue
            base = cleaned[frame_idx]
            assert base is not None
            after = FrameState(base=frames.add_base(base, is_prompt=before.is_prompted))
            changes.append(FrameEdit(self.key, frame_idx, before, after))
        return changes

    def _cleaned(self, frames: Frames, row: MaskRow) -> BaseRow | None:
        """Clean one mask; None if it stays as it is."""
        project = frames.project
        try:
            _, png = frames.frame_masks.read_png(project, self.key, row.frame_idx)
            before_hw = decode_mask(png, project.size_hw)
        except (MaskNotFound, InvalidPrompt):  # deleted or broken from outside
            return None
        after_hw = clean_mask(before_hw, self.cleaning)
        if (before_hw == after_hw).all():
            return None
        facts = mask_facts(after_hw)
        mask = replace(row, facts=facts, approved=False, cleaned=True, rejection=None)
        return BaseRow(encode_gray8(after_hw), mask.to_wire(), None, None)


@dataclass(frozen=True, slots=True)
class MarkAbsent(Repair):
    """Marks a pair absent, prompted frames included, or takes that back."""

    key: SessionKey
    absent: bool

    @property
    def label(self) -> str:
        return "mark absent" if self.absent else "no longer absent"

    @property
    def pairs(self) -> tuple[SessionKey, ...]:
        return (self.key,)

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        edit = edits.mark_absent if self.absent else edits.unmark_absent
        states = frames.states(self.key, chunk)
        return [
            FrameEdit(self.key, frame_idx, before, edit(before))
            for frame_idx, before in states.items()
            if before.absent is not self.absent
        ]

    def why_nothing(self, kept: int) -> str:
        marked = "is marked absent on all" if self.absent else "is marked absent on none"
        return f"The object {marked} of these frames."


def is_checked(state: FrameState, row: MaskRow | None) -> bool:
    """Return whether a person made or approved the mask."""
    return state.is_human or (row is not None and row.approved)


def _prompted_mask(
    frames: Frames, key: SessionKey, frame_idx: int, *, approve: bool
) -> tuple[MaskRow, bytes] | None:
    """Read the mask of a prompted frame, to move with its prompts; None while it is not there."""
    masks: Mapping[int, MaskRow] = frames.masks(key, [frame_idx])
    row = frames.project.db.read(lambda tx: read_frame(tx, key, frame_idx))
    if frame_idx not in masks or row is None or masks[frame_idx].rev != row.rev:
        return None
    mask, png = frames.frame_masks.read_png(frames.project, key, frame_idx)
    return replace(mask, approved=mask.approved or approve), png
