"""The pictures of a video, and where one instance is on them."""

from __future__ import annotations

import numpy as np

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask, RGBImage, SessionKey
from sam2_session.formats.images.frame_images import decode_frame
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.mask_rows import list_masks


class ObjectFrames:
    """Reads one frame after the other; takes no lock, as each file is replaced as a whole."""

    def __init__(self, projects: Projects, project: Project, instance_id: int) -> None:
        self._videos = projects.videos
        self._project = project
        self.size_hw = project.size_hw
        self._keys = [key for key in project.pairs() if key.instance_id == instance_id]
        self._masked = {key: _frames_with_object(project, key) for key in self._keys}
        self._picture: tuple[int, RGBImage] | None = None
        self._mask: tuple[int, BoolMask | None] | None = None

    @property
    def masked(self) -> set[int]:
        """The frames on which the object is to be seen."""
        return set().union(*self._masked.values())

    def picture(self, frame_idx: int) -> RGBImage:
        """Read a frame. Raises `FrameNotExtracted`."""
        if self._picture is None or self._picture[0] != frame_idx:
            jpeg = self._videos.frames.read(self._project.video_id, frame_idx)
            self._picture = (frame_idx, decode_frame(jpeg))
        return self._picture[1]

    def mask(self, frame_idx: int) -> BoolMask | None:
        """Read the masks of all regions as one; None if the object is absent, or has no mask."""
        if self._mask is None or self._mask[0] != frame_idx:
            self._mask = (frame_idx, self._read_mask(frame_idx))
        return self._mask[1]

    def _read_mask(self, frame_idx: int) -> BoolMask | None:
        joined = np.zeros(self.size_hw, np.bool_)
        for key in self._keys:
            if frame_idx not in self._masked[key]:
                continue
            path = self._project.workspace.mask_path(key, frame_idx)
            try:
                joined |= decode_mask(path.read_bytes(), self.size_hw)
            except (FileNotFoundError, InvalidPrompt):  # deleted or broken from outside
                continue
        return joined if joined.any() else None


def _frames_with_object(project: Project, key: SessionKey) -> set[int]:
    rows = project.db.read(lambda tx: list_masks(tx, key))
    return {row.frame_idx for row in rows if row.facts.area > 0}
