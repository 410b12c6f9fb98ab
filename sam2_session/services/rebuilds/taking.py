"""Takes rebuilt masks over in place of the saved ones, as one step to undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.frame_state import FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.repairs.frame_edits import FrameEdit, Frames, is_checked
from sam2_session.storage.frame_rows import BaseRow
from sam2_session.storage.mask_rows import MaskRow
from sam2_session.storage.rebuilds import RebuildStore

Scores = dict[tuple[SessionKey, int], float]


@dataclass(frozen=True, slots=True)
class TakeRebuilt:
    """Replaces masks by rebuilt ones; those that a person made or approved stay.

    The new masks follow from no run, so they are not stale; the next run replaces them.
    """

    store: RebuildStore
    rebuild_id: str
    pairs: tuple[SessionKey, ...]
    scores: Scores
    label: str = "take rebuilt masks"

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        return [edit for key in self.pairs for edit in self._edits_of(frames, key, chunk)]

    def why_nothing(self, kept: int) -> str:
        if kept:
            return f"Nothing was taken: a person made or approved the {kept} masks of these frames."
        return "The rebuilt masks are equal to the saved ones."

    def _edits_of(self, frames: Frames, key: SessionKey, chunk: Sequence[int]) -> list[FrameEdit]:
        rows = frames.masks(key, chunk)
        new = {idx: base for idx in chunk if (base := self._base(frames, key, rows.get(idx), idx))}
        states = frames.states(key, list(new)) if new else {}
        edits = []
        for frame_idx, before in states.items():
            if is_checked(before, rows.get(frame_idx)):
                frames.kept += 1
                continue
            after = FrameState(base=frames.add_base(new[frame_idx]))
            edits.append(FrameEdit(key, frame_idx, before, after))
        return edits

    def _base(
        self, frames: Frames, key: SessionKey, row: MaskRow | None, frame_idx: int
    ) -> BaseRow | None:
        """Read a rebuilt mask; None if there is none, or the saved one is the same."""
        size_hw = frames.project.size_hw
        try:
            png = self.store.mask_png(key, self.rebuild_id, frame_idx)
            mask_hw = decode_mask(png, size_hw)
        except (MaskNotFound, InvalidPrompt):
            return None
        if row is not None and _is_same(frames, key, row, mask_hw):
            return None
        score = self.scores.get((key, frame_idx))
        mask = MaskRow(frame_idx, 0, MaskSource.PROPAGATED, mask_facts(mask_hw), None, score)
        return BaseRow(png, mask.to_wire(), None, None)


def _is_same(frames: Frames, key: SessionKey, row: MaskRow, mask_hw: BoolMask) -> bool:
    if row.facts != mask_facts(mask_hw):
        return False
    try:
        _, png = frames.frame_masks.read_png(frames.project, key, row.frame_idx)
        return bool((decode_mask(png, frames.project.size_hw) == mask_hw).all())
    except (MaskNotFound, InvalidPrompt):  # deleted or broken from outside
        return False
