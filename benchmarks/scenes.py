"""The frames both sides work on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2

from training.clips import ClipSpec, make_clip

ROOT = Path(__file__).resolve().parents[1]
DRAWN_HW = (360, 640)  # drawn at this size and enlarged: drawing is not what is measured


@dataclass(frozen=True, slots=True)
class Scene:
    """A folder of numbered JPEGs, and points (x, y) that lie on its objects on the first frame."""

    folder: Path
    num_frames: int
    size_hw: tuple[int, int]
    targets: tuple[tuple[float, float], ...]

    def frame(self, frame_idx: int) -> Path:
        """One frame's file."""
        return self.folder / f"{frame_idx + 1:05d}.jpg"


def draw_frames(folder: Path, num_frames: int, size_hw: tuple[int, int]) -> Scene:
    """Draw two tools that move, as JPEGs of this size."""
    folder.mkdir(parents=True)
    clip = make_clip(ClipSpec(seed=14, num_frames=num_frames, size_hw=DRAWN_HW))
    height, width = size_hw
    for frame_idx, frame_rgb in enumerate(clip.frames_thwc):
        enlarged = cv2.resize(frame_rgb, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.imwrite(str(folder / f"{frame_idx + 1:05d}.jpg"), enlarged[:, :, ::-1])
    scale = width / DRAWN_HW[1]
    points = [(60, 310), (198, 130), (600, 320), (440, 200)]
    return Scene(folder, num_frames, size_hw, tuple((x * scale, y * scale) for x, y in points))
