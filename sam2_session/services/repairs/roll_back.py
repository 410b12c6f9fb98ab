"""Rolls a run back: each mask that it wrote becomes again what was there before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from sam2_session.core.errors import MaskNotFound
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.repairs.frame_edits import NOTHING, FrameEdit, Frames
from sam2_session.storage.replaced_rows import ReplacedRow, read_replaced


@dataclass(slots=True)
class RollBack:
    """Takes a run's masks back; those that a person made or approved since stay.

    `later` counts the masks that runs wrote over this run's, which stay too, by run; `gone` counts
    those whose mask from before was dropped for room.
    """

    run: int
    keys: tuple[SessionKey, ...]
    replaced: ReplacedMasks
    later: Counter[int] = field(default_factory=Counter)
    gone: int = 0

    @property
    def label(self) -> str:
        return f"roll back run {self.run}"

    @property
    def pairs(self) -> tuple[SessionKey, ...]:
        return self.keys

    def why_nothing(self, kept: int) -> str:
        """Say why no mask came back."""
        if kept:
            return f"A person made or approved the {kept} masks of this run since; they stay."
        return "No mask of this run can be taken back here."

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        edits = []
        for key in self.keys:
            read = partial(read_replaced, run=self.run, key=key, first=chunk[0], last=chunk[-1])
            before = frames.project.db.read(read)
            wanted = self._wanted(frames, key, chunk, before)
            for frame_idx, state in frames.states(key, wanted).items():
                after = self._after(frames, before[frame_idx])
                if after is not None:
                    edits.append(FrameEdit(key, frame_idx, state, after))
        return edits

    def _wanted(
        self,
        frames: Frames,
        key: SessionKey,
        chunk: Sequence[int],
        before: dict[int, ReplacedRow],
    ) -> list[int]:
        """Select the frames whose mask is still this run's; count the others."""
        wanted = []
        for frame_idx, mask in frames.masks(key, chunk).items():
            if mask.run != self.run:
                if mask.run is not None and mask.run > self.run and frame_idx in before:
                    self.later[mask.run] += 1
            elif mask.approved or mask.source is MaskSource.HUMAN:
                frames.kept += 1
            elif frame_idx in before:
                wanted.append(frame_idx)
            else:
                self.gone += 1
        return wanted

    def _after(self, frames: Frames, before: ReplacedRow) -> FrameState | None:
        if before.facts is None:
            return NOTHING
        try:
            base = self.replaced.read(frames.project, before)
        except MaskNotFound:  # removed from outside
            self.gone += 1
            return None
        return FrameState(base=frames.add_base(base))
