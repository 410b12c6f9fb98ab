"""Paints all masks of a frame into one picture of numbers, and says which number is which pair."""

from __future__ import annotations

from typing import Any

from sam2_session.core.types import BoolMask, SessionKey
from sam2_session.formats.exporting.layers import legend, numbers_of, paint_order
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.png_masks.id_pictures import (
    MAX_WIDE_NUMBER,
    encode_ids,
    fits_a_byte,
    paint_ids,
)
from sam2_session.services.exports.selection import selected_pairs
from sam2_session.services.fields.fields import PairName
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.mask_rows import MaskRow


class IdPictureService:
    """Numbers the chosen pairs (None: all of visible instances), by pair or by instance."""

    def __init__(self, projects: Projects, frame_masks: FrameMasks) -> None:
        self._projects = projects
        self._frame_masks = frame_masks

    def paint(self, frame: tuple[str, int], pairs: list[PairName] | None, ids: str) -> bytes:
        """Paint a frame (video_id, frame_idx) as PNG; 0 where no mask is.

        Raises `FrameNotExtracted`, `InstanceNotFound` or `RegionNotFound` for wrong pairs, and
        `InvalidRequest` where an instance has a number over 65535.
        """
        project, numbers = self._numbered(frame, pairs, ids)
        masks = self._masks(project, frame[1], numbers)
        painted = [(pair, masks[pair][1]) for pair in paint_order(masks)]
        return encode_ids(paint_ids(painted, numbers, project.size_hw), numbers)

    def table(
        self, frame: tuple[str, int], pairs: list[PairName] | None, ids: str
    ) -> dict[str, Any]:
        """List the pair of each number, with its mask on this frame; raises as `paint`."""
        project, numbers = self._numbered(frame, pairs, ids)
        masks = self._masks(project, frame[1], numbers)
        explained = legend(numbers)
        rows = zip(explained["numbers"], numbers, strict=True)
        return {
            "video_id": frame[0],
            "frame_idx": frame[1],
            "size": list(project.size_hw),
            "bits": 8 if fits_a_byte(numbers) else 16,
            "overlap": explained["overlap"],
            "numbers": [{**row, "mask": _facts(masks.get(pair))} for row, pair in rows],
        }

    def _numbered(
        self, frame: tuple[str, int], pairs: list[PairName] | None, ids: str
    ) -> tuple[Project, dict[Pair, int]]:
        self._projects.require_frame(*frame)
        project = self._projects.get(frame[0])
        self._projects.finish_masks(frame[0])
        chosen = selected_pairs(self._projects, project, pairs)
        return project, numbers_of(chosen, ids, MAX_WIDE_NUMBER)

    def _masks(
        self, project: Project, frame_idx: int, numbers: dict[Pair, int]
    ) -> dict[Pair, tuple[MaskRow, BoolMask]]:
        found = {}
        for pair in numbers:
            key = SessionKey(project.video_id, pair.instance_id, pair.region)
            mask = self._frame_masks.decoded(project, key, frame_idx)
            if mask is not None:
                found[pair] = mask
        return found


def _facts(mask: tuple[MaskRow, BoolMask] | None) -> dict[str, int] | None:
    return None if mask is None else {"rev": mask[0].rev, "area": mask[0].facts.area}
