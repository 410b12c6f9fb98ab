"""A repair that makes the masks of an instance keep the rules between its regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sam2_session.core.frame_state import FrameState
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.region_rules import RegionRules, mended
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.inference.masks import to_logits
from sam2_session.services.region_rules.reading import read_masks
from sam2_session.services.repairs.frame_edits import FrameEdit, Frames
from sam2_session.storage.frame_rows import BaseRow
from sam2_session.storage.mask_rows import MaskRow


@dataclass(frozen=True, slots=True)
class MendRegions:
    """Changes masks of these pairs; those that a person made or approved stay as they are."""

    keys: tuple[SessionKey, ...]
    rules: RegionRules
    label: str = "mend regions"

    @property
    def pairs(self) -> tuple[SessionKey, ...]:
        return self.keys

    def why_nothing(self, kept: int) -> str:
        """Say why there is nothing to mend."""
        if kept:
            return f"A person made or approved the {kept} masks that break a rule; they stay."
        return "These frames keep the rules."

    def edits(self, frames: Frames, chunk: Sequence[int]) -> list[FrameEdit]:
        edits = []
        for instance_id in sorted({key.instance_id for key in self.keys}):
            keys = [key for key in self.keys if key.instance_id == instance_id]
            rows = {key: frames.masks(key, chunk) for key in keys}
            for frame_idx in chunk:
                here = {key.region: of[frame_idx] for key, of in rows.items() if frame_idx in of}
                edits += self._edits(frames, instance_id, here, frame_idx)
        return edits

    def _edits(
        self, frames: Frames, instance_id: int, rows: dict[str, MaskRow], frame_idx: int
    ) -> list[FrameEdit]:
        project = frames.project
        masks = read_masks(project, frames.frame_masks, instance_id, rows)
        fixed = frozenset(
            name for name, row in rows.items() if row.approved or row.source is MaskSource.HUMAN
        )
        edits = []
        logits = self._logits(frames, instance_id, rows) if len(masks) > 1 else {}
        for region, mask_hw in mended(self.rules, masks, fixed, logits).items():
            key = SessionKey(project.video_id, instance_id, region)
            before = frames.states(key, [frame_idx])[frame_idx]
            after = FrameState(base=frames.add_base(_base(rows[region], mask_hw)))
            edits.append(FrameEdit(key, frame_idx, before, after))
        return edits

    def _logits(
        self, frames: Frames, instance_id: int, rows: dict[str, MaskRow]
    ) -> dict[str, npt.NDArray[np.float32]]:
        """Read the logits of runs for each pixel; of a mask cleaned since, its own."""
        size_hw, found = frames.project.size_hw, {}
        for region, row in rows.items():
            key = SessionKey(frames.project.video_id, instance_id, region)
            prediction = None if row.cleaned else frames.frame_masks.prediction(key, row)
            if prediction is not None:
                found[region] = to_logits(prediction, size_hw)
        return found


def _base(row: MaskRow, mask_hw: BoolMask) -> BaseRow:
    changed = replace(row, facts=mask_facts(mask_hw), rejection=None)
    return BaseRow(encode_gray8(mask_hw), changed.to_wire(), None, None)
