"""Reads the masks of one instance on a frame, by region."""

from __future__ import annotations

from collections.abc import Mapping

from sam2_session.core.errors import InvalidPrompt, MaskNotFound
from sam2_session.core.types import BoolMask, SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.storage.mask_rows import MaskRow


def read_masks(
    project: Project, frame_masks: FrameMasks, instance_id: int, rows: Mapping[str, MaskRow]
) -> dict[str, BoolMask]:
    """Read the files of these masks; one that is lost or broken is left out."""
    masks = {}
    for region, row in rows.items():
        key = SessionKey(project.video_id, instance_id, region)
        try:
            _, png = frame_masks.read_png(project, key, row.frame_idx)
            masks[region] = decode_mask(png, project.size_hw)
        except (MaskNotFound, InvalidPrompt):
            continue
    return masks
