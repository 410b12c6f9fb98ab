"""Lists and files of masks, as REST reads them."""

from __future__ import annotations

from typing import Any

from sam2_session.core.png import encode_gray8, is_grey
from sam2_session.core.types import SessionKey
from sam2_session.formats.images.mask_images import decode_mask, encode_rgba
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.packed_masks import pack_masks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.mask_columns import read_columns
from sam2_session.storage.mask_rows import list_masks


class MaskService:
    """Lists a pair's masks and reads their files."""

    def __init__(self, projects: Projects, frame_masks: FrameMasks, staleness: Staleness) -> None:
        self._projects = projects
        self._frame_masks = frame_masks
        self._staleness = staleness

    def list(self, key: SessionKey) -> dict[str, Any]:
        """List the masks of a pair; stale: prompts or network changed since it was made."""
        project = self._projects.of(key)
        stale = self._staleness.stale_runs(project, key)
        rows = project.db.read(lambda tx: list_masks(tx, key))
        is_stale = self._staleness.is_stale
        return {"masks": [{**row.to_wire(), "stale": is_stale(row, stale)} for row in rows]}

    def pack(self, key: SessionKey) -> dict[str, Any]:
        """Return what `list` does, by column; see `pack_masks`."""
        project = self._projects.of(key)
        stale = self._staleness.stale_runs(project, key)
        columns = project.db.read(lambda tx: read_columns(tx, key))
        return {"masks": pack_masks(columns, self._staleness.stale_column(columns, stale))}

    def read(
        self, key: SessionKey, frame_idx: int, *, tint: tuple[str, float] | None = None
    ) -> dict[str, Any]:
        """Read the PNG: grey, or RGBA by `tint` (colour, opacity). Raises `MaskNotFound`.

        A file that another program wrote in colour is sent in grey. Raises `InvalidPrompt` if it
        is broken or of another size.
        """
        project = self._projects.of(key)
        row, png = self._frame_masks.read_png(project, key, frame_idx)
        if tint is None and not is_grey(png):
            png = encode_gray8(decode_mask(png, project.size_hw))
        if tint is not None:
            png = encode_rgba(decode_mask(png, project.size_hw), *tint)
        return {"data": png, "content_type": "image/png", "rev": row.rev}
