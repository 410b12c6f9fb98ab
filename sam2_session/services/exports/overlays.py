"""Draws the masks of a frame over its picture."""

from __future__ import annotations

from sam2_session.core.types import SessionKey
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.images.frame_images import decode_frame
from sam2_session.formats.rendered.overlay_drawing import Picture, Tint, put_prompt, tint
from sam2_session.formats.rendered.overlay_picture import PictureKind, encode_picture
from sam2_session.services.exports.selection import selected_pairs
from sam2_session.services.fields.overlay_look import OverlayLook
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.frame_rows import read_frame


class OverlayService:
    """Draws masks as the page does, for people without the page."""

    def __init__(self, projects: Projects, frame_masks: FrameMasks) -> None:
        self._projects = projects
        self._frame_masks = frame_masks

    def draw(
        self,
        frame: tuple[str, int],
        look: OverlayLook,
        *,
        kind: PictureKind,
        width: int | None = None,
    ) -> bytes:
        """Draw a frame (video_id, frame_idx) with its masks, at most `width` pixels wide.

        Raises `FrameNotExtracted`, and `InstanceNotFound` or `RegionNotFound` for wrong pairs.
        """
        video_id, frame_idx = frame
        project = self._projects.get(video_id)
        self._projects.finish_masks(video_id)
        pairs = selected_pairs(self._projects, project, look.pairs)
        picture = decode_frame(self._projects.videos.frames.read(video_id, frame_idx)).copy()
        for pair in pairs:
            self._draw_mask(project, pair, frame_idx, picture, look)
        if look.prompts:
            for pair in pairs:
                _draw_prompt(project, pair, frame_idx, picture)
        return encode_picture(picture, kind, width)

    def _draw_mask(
        self, project: Project, pair: Pair, frame_idx: int, picture: Picture, look: OverlayLook
    ) -> None:
        key = SessionKey(project.video_id, pair.instance_id, pair.region)
        found = self._frame_masks.decoded(project, key, frame_idx)
        if found is not None:
            row, mask_hw = found
            tint(picture, mask_hw, row.facts, Tint(pair.colour, look.opacity, look.outline))


def _draw_prompt(project: Project, pair: Pair, frame_idx: int, picture: Picture) -> None:
    key = SessionKey(project.video_id, pair.instance_id, pair.region)
    row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
    if row is not None:
        put_prompt(picture, row.state.prompt, pair.colour)
