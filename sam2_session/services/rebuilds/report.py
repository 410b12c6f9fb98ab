"""Compares rebuilt masks with the saved ones, frame by frame."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.masks import mask_facts, overlap_of
from sam2_session.core.types import SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.rebuilds.rendering import RenderedMask, SavedPrompts


class OverlapReport:
    """Gathers the overlap (IoU) of each rebuilt mask with the saved one."""

    def __init__(
        self, project: Project, frame_masks: FrameMasks, saved: Mapping[SessionKey, SavedPrompts]
    ) -> None:
        self._project = project
        self._frame_masks = frame_masks
        self._saved = saved
        self._frames: dict[SessionKey, list[dict[str, Any]]] = {key: [] for key in saved}

    def add(self, rendered: RenderedMask) -> None:
        """Compare one mask; `iou` is null where no mask is saved."""
        key, frame_idx = rendered.key, rendered.frame_idx
        facts = mask_facts(rendered.mask_hw)
        fields: dict[str, Any] = {
            "frame_idx": frame_idx,
            "iou": None,
            "area": facts.area,
            "saved_area": None,
            "score": rendered.score,
            "checked": frame_idx in self._saved[key].prompted,
        }
        try:
            with self._project.lock:  # a click between row and file would mix two masks
                row, png = self._frame_masks.read_png(self._project, key, frame_idx)
            overlap = overlap_of(rendered.mask_hw, decode_mask(png, self._project.size_hw))
        except (MaskNotFound, InvalidPrompt):  # none, or broken from outside
            pass
        else:
            fields |= {"iou": round(overlap, 4), "saved_area": row.facts.area}
            fields["checked"] = fields["checked"] or row.approved
        self._frames[key].append(fields)

    def to_json(self, rebuild_id: str, model: str, signature: str) -> dict[str, Any]:
        """Describe the whole rebuild."""
        pairs = [self._pair(key, rows) for key, rows in self._frames.items()]
        return {
            "rebuild_id": rebuild_id,
            "video_id": self._project.video_id,
            "model": model,
            "network": signature,
            "created_at": time.time(),
            "pairs": pairs,
        }

    def _pair(self, key: SessionKey, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        ious = [row["iou"] for row in rows if row["iou"] is not None]
        return {
            "instance_id": key.instance_id,
            "region": key.region,
            "compared": len(ious),
            "mean_iou": round(sum(ious) / len(ious), 4) if ious else None,
            "min_iou": min(ious, default=None),
            "frames": sorted(rows, key=lambda row: int(row["frame_idx"])),
        }
