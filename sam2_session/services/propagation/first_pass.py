"""Masks of a fill's first pass, which the second one keeps or replaces.

The first pass writes its masks as any run does, so that a stop leaves whole masks. Before the
second one replaces such a mask it stays under a second name until the run ends: after a kill the
same two masks are compared again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.masks import mask_facts
from sam2_session.core.two_sides import PassMask, takes_first
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.masks.comparing import mask_iou
from sam2_session.services.projects.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.frame_rows import conditioned_frames
from sam2_session.storage.mask_rows import MaskRow, read_mask


@dataclass(frozen=True, slots=True)
class ChosenMask:
    """The mask of a frame, its object score, and the IoU of both passes; None after one of them."""

    mask_hw: BoolMask
    score: float
    agreement: float | None = None


class FirstPass:
    """The masks that the first pass of one run left; may be used from several threads."""

    def __init__(self, project: Project, run: int, keys: Iterable[SessionKey]) -> None:
        self._project = project
        self._run = run
        self._prompted = {
            key: sorted(dict(project.db.read(partial(conditioned_frames, key=key)))) for key in keys
        }

    def choose(self, key: SessionKey, frame_idx: int, second: ChosenMask) -> ChosenMask:
        """Choose between the first pass's mask and that of the second; see `takes_first`.

        A run that goes on after a kill may come to a frame again: its choice stands.
        """
        row = self._project.db.read(partial(read_mask, key=key, frame_idx=frame_idx))
        if row is not None and self._is_chosen(row):
            return self._chosen(key, row, second)
        first_hw = None if row is None else self._read(key, row)
        if row is None or row.score is None or first_hw is None:
            return second
        agreement = mask_iou(first_hw, second.mask_hw)
        before, after = self._distances(key, frame_idx)
        first, other = PassMask(row.score, before), PassMask(second.score, after)
        if takes_first(first, other, agreement):
            return ChosenMask(first_hw, row.score, agreement)
        return ChosenMask(second.mask_hw, second.score, agreement)

    def drop(self) -> None:
        """Delete the second names, once nothing is compared any more."""
        for key in self._prompted:
            for path in self._kept(key, 0).parent.glob("*.first.png"):
                atomic.remove(path)

    def _is_chosen(self, row: MaskRow) -> bool:
        return self._is_own(row) and row.agreement is not None

    def _chosen(self, key: SessionKey, row: MaskRow, second: ChosenMask) -> ChosenMask:
        """Return the mask that was chosen before a kill, by the facts in its row."""
        path = self._project.workspace.mask_path(key, row.frame_idx)
        for file in (path, self._kept(key, row.frame_idx)):
            mask_hw = _mask_of(file, row, self._project.size_hw)
            if mask_hw is not None and row.score is not None:
                return ChosenMask(mask_hw, row.score, row.agreement)
        return ChosenMask(second.mask_hw, second.score, row.agreement)

    def _is_own(self, row: MaskRow) -> bool:
        return row.run == self._run and row.source is MaskSource.PROPAGATED

    def _read(self, key: SessionKey, row: MaskRow) -> BoolMask | None:
        """Read the first pass's mask of a frame, and keep it; None if there is none."""
        if not self._is_own(row):
            return None
        kept = self._kept(key, row.frame_idx)
        mask_hw = _mask_of(kept, row, self._project.size_hw)
        if mask_hw is None:
            path = self._project.workspace.mask_path(key, row.frame_idx)
            mask_hw = _mask_of(path, row, self._project.size_hw)
            if mask_hw is not None:
                atomic.make_folder(kept.parent)
                atomic.keep_link(path, kept)
        return mask_hw

    def _kept(self, key: SessionKey, frame_idx: int) -> Path:
        return self._project.workspace.replaced_path(key, self._run, frame_idx, "first")

    def _distances(self, key: SessionKey, frame_idx: int) -> tuple[int, int]:
        """Count the frames to the prompted one before, and to the one after."""
        prompted = self._prompted.get(key, [])
        before = prompted[: bisect_left(prompted, frame_idx)][-1:] or [0]
        after = prompted[bisect_right(prompted, frame_idx) :][:1] or [self._project.num_frames]
        return frame_idx - before[0], after[0] - frame_idx


def _mask_of(path: Path, row: MaskRow, size_hw: tuple[int, int]) -> BoolMask | None:
    """Read a file, if it holds the mask of this row."""
    try:
        mask_hw = decode_mask(path.read_bytes(), size_hw)
    except (OSError, InvalidPrompt):
        return None
    return mask_hw if mask_facts(mask_hw) == row.facts else None
