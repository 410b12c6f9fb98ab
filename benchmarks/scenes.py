"""Draws the frames that both sides work on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from sam2_session.core.frame_files import file_number
from training.clips import ClipSpec, make_clip

ROOT = Path(__file__).resolve().parents[1]
DRAWN_HW = (360, 640)  # drawn small and enlarged, since drawing is not measured
DRAWN_FRAMES = 100  # a longer scene repeats them
FULL_HW = (1080, 1920)


@dataclass(frozen=True, slots=True)
class Scene:
    """A folder of numbered JPEGs, and points (x, y) on the objects of its first frame."""

    folder: Path
    num_frames: int
    size_hw: tuple[int, int]
    targets: tuple[tuple[float, float], ...]

    def frame(self, frame_idx: int) -> Path:
        """File of one frame."""
        return self.folder / f"{file_number(frame_idx)}.jpg"

    def target(self, pair: int) -> tuple[float, float]:
        """Point on this pair's object."""
        return self.targets[pair % len(self.targets)]


def draw_frames(folder: Path, num_frames: int, size_hw: tuple[int, int]) -> Scene:
    """Draw two tools that move, as JPEGs of this size."""
    folder.mkdir(parents=True)
    height, width = size_hw
    drawn = min(num_frames, DRAWN_FRAMES)
    scale = width / DRAWN_HW[1]
    points = [(60, 310), (198, 130), (600, 320), (440, 200)]
    targets = tuple((x * scale, y * scale) for x, y in points)
    scene = Scene(folder, num_frames, size_hw, targets)
    clip = make_clip(ClipSpec(seed=14, num_frames=drawn, size_hw=DRAWN_HW))
    for frame_idx, frame_rgb in enumerate(clip.frames_thwc):
        enlarged = cv2.resize(frame_rgb, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.imwrite(str(scene.frame(frame_idx)), enlarged[:, :, ::-1])
    for frame_idx in range(drawn, num_frames):
        scene.frame(frame_idx).hardlink_to(scene.frame(frame_idx % drawn))
    return scene


def lengthened(scene: Scene, folder: Path, num_frames: int) -> Scene:
    """Repeat the frames up to this many."""
    folder.mkdir(parents=True)
    longer = replace(scene, folder=folder, num_frames=num_frames)
    for frame_idx in range(num_frames):
        longer.frame(frame_idx).hardlink_to(scene.frame(frame_idx % scene.num_frames))
    return longer


def write_film(scene: Scene, path: Path, num_frames: int) -> Path:
    """Write the scene as a video file, repeated up to this many frames."""
    height, width = scene.size_hw
    shown = min(scene.num_frames, num_frames, DRAWN_FRAMES)
    frames = [_video_frame(scene.frame(frame_idx)) for frame_idx in range(shown)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "18"}
        for frame_idx in range(num_frames):
            frame = frames[frame_idx % len(frames)]
            frame.pts, frame.time_base = frame_idx, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _video_frame(path: Path) -> av.VideoFrame:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    return av.VideoFrame.from_ndarray(image, "bgr24").reformat(format="yuv420p")
