"""Lists and files of masks, as REST reads them."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import InvalidRequest, MaskNotFound
from sam2_session.core.types import SessionKey
from sam2_session.formats.pictures.mask_images import decode_mask, encode_rgba
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.project import Projects
from sam2_session.storage.mask_rows import MaskRow, list_masks, read_mask


class MaskService:
    """Lists a pair's masks and reads their files."""

    def __init__(self, projects: Projects, frame_masks: FrameMasks, staleness: Staleness) -> None:
        self._projects = projects
        self._frame_masks = frame_masks
        self._staleness = staleness

    def list(self, key: SessionKey) -> dict[str, Any]:
        """List the masks of a pair; stale: prompts or network changed since it was made."""
        project = self._projects.get(key.video_id)
        stale = self._staleness.stale_runs(project, key)
        rows = project.db.read(lambda tx: list_masks(tx, key))
        is_stale = self._staleness.is_stale
        return {"masks": [{**row.to_wire(), "stale": is_stale(row, stale)} for row in rows]}

    def read(
        self,
        key: SessionKey,
        frame_idx: int,
        *,
        form: str | None = None,
        colour: str = "ffffff",
        alpha: float = 1.0,
    ) -> dict[str, Any]:
        """Return the PNG: 0/255 grey, or tinted with ``form="rgba"``. Raises `MaskNotFound`."""
        project = self._projects.get(key.video_id)
        row, png = self._frame_masks.read_png(project, key, frame_idx)
        if form == "rgba":
            png = encode_rgba(decode_mask(png, project.size_hw), colour, alpha)
        elif form is not None:
            raise InvalidRequest("format is rgba, or left out for the binary PNG.")
        return {"data": png, "content_type": "image/png", "rev": row.rev}

    def stat(self, key: SessionKey, frame_idx: int) -> dict[str, Any]:
        """Return ``{rev, bytes}`` of a mask. Raises `MaskNotFound`."""
        project = self._projects.get(key.video_id)
        path = project.workspace.mask_path(key, frame_idx)
        row = self._row(key, frame_idx)
        if not path.exists():
            raise MaskNotFound(frame_idx)
        return {"rev": row.rev, "bytes": path.stat().st_size}

    def wire_of(self, key: SessionKey, mask: MaskRow) -> dict[str, Any]:
        """Return a mask in the wire form of REST, with the URL of its PNG."""
        url = (
            f"/api/videos/{key.video_id}/instances/{key.instance_id}/regions/{key.region}"
            f"/masks/{mask.frame_idx}.png?rev={mask.rev}"
        )
        return {"rev": mask.rev, "score": mask.score, **mask.facts.to_wire(), "url": url}

    def _row(self, key: SessionKey, frame_idx: int) -> MaskRow:
        project = self._projects.get(key.video_id)
        row = project.db.read(lambda tx: read_mask(tx, key, frame_idx))
        if row is None:
            raise MaskNotFound(frame_idx)
        return row
