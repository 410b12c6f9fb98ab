"""An export source of drawn discs, in place of a video's annotations."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import (
    BoolMask,
    Box,
    FramePrompt,
    Instance,
    Keypoint,
    MaskFlag,
    MaskSource,
    Point,
    RGBImage,
)
from sam2_session.formats.exporting.export import Export, ExportRequest
from sam2_session.formats.exporting.options import read_options
from sam2_session.formats.exporting.source import (
    Alpha,
    MaskNote,
    MaskRead,
    Pair,
    SourceVideo,
)
from sam2_session.formats.registry import EXPORTERS

SIZE_HW = (48, 64)
TOOLS = (Instance(1, "tool 1", "#f2a33a"), Instance(2, "Zange ä", "#58b7f0"))
PAIRS = (
    Pair(TOOLS[0], "overall", 0, "#f2a33a"),
    Pair(TOOLS[0], "shaft", 1, "#f6c17a"),
    Pair(TOOLS[1], "overall", 0, "#58b7f0"),
)


class DrawnSource:
    """Each pair is a moving disc; the first has a hole, and the last is gone on frame 2."""

    model = {"name": "drawn"}

    def __init__(self, frames: int = 4, pairs: Sequence[Pair] = PAIRS, size_hw: Any = SIZE_HW):
        pts = tuple(frame_idx * 512 + (7 if frame_idx > 1 else 0) for frame_idx in range(frames))
        self.video = SourceVideo(
            "clip", "clip.mp4", size_hw, Fraction(25), Fraction(1, 12800), pts, tuple(range(frames))
        )
        self.pairs = pairs
        self.frames = range(frames)
        self.soft = True

    def masked_frames(self, pair: Pair) -> Sequence[int]:
        away = {2} if pair == PAIRS[-1] else set()
        return [frame_idx for frame_idx in self.frames if frame_idx not in away]

    def mask(self, pair: Pair, frame_idx: int) -> BoolMask:
        height, width = self.video.size_hw
        centre = (width // 4 + 5 * self.pairs.index(pair) + frame_idx % 8, height // 2)
        image = cv2.circle(np.zeros((height, width), np.uint8), centre, height // 4, 1, -1)
        if pair == self.pairs[0]:
            cv2.circle(image, centre, 4, 0, -1)
        return image > 0

    def read_mask(self, pair: Pair, frame_idx: int) -> MaskRead | None:
        mask_hw = self.mask(pair, frame_idx)
        human = frame_idx == 0
        note = MaskNote(
            frame_idx,
            rev=10 + frame_idx,
            source=MaskSource.HUMAN if human else MaskSource.PROPAGATED,
            facts=mask_facts(mask_hw),
            run=None if human else 3,
            score=4.5,
            flags=(MaskFlag.SCENE_CUT,) if frame_idx == 1 else (),
            approved=human,
        )
        return MaskRead(note, mask_hw, encode_gray8(mask_hw))

    def soft_edge(self, pair: Pair, read: MaskRead) -> Alpha | None:
        if not self.soft or read.note.source is MaskSource.HUMAN:
            return None
        blurred = cv2.GaussianBlur(read.mask_hw.astype(np.uint8) * 255, (7, 7), 0)
        return np.asarray(blurred, np.uint8)

    def read_frame(self, frame_idx: int) -> RGBImage:
        image = np.full((*self.video.size_hw, 3), 40 + 10 * (frame_idx % 8), np.uint8)
        image[:, : self.video.size_hw[1] // 2, 0] = 200
        return image

    def read_frame_file(self, frame_idx: int) -> bytes:
        bgr = np.ascontiguousarray(self.read_frame(frame_idx)[..., ::-1])
        return cv2.imencode(".jpg", bgr)[1].tobytes()

    def prompts(self, pair: Pair) -> Sequence[tuple[int, FramePrompt]]:
        if pair != PAIRS[0]:
            return []
        points = (Point(16.5, 20.0, 1), Point(2.0, 2.25, 0))
        both = [(0, FramePrompt(points)), (1, FramePrompt((), Box(4.0, 10.0, 30.5, 40.0)))]
        return [entry for entry in both if entry[0] in self.frames]

    def keypoints(self, instance_id: int) -> Sequence[Keypoint]:
        if instance_id != 1 or not self.frames:
            return []
        points = [
            Keypoint(1, 0, 20.0, 21.5, "tip"),
            Keypoint(2, 0, 8.0, 9.0, "hinge", False),
            Keypoint(3, 1, 20.5, 22.0, "tip", derived=True),
        ]
        return [point for point in points if point.frame_idx in self.frames]


def written(folder: Path, name: str, source: Any = None, **options: Any) -> Path:
    """Write a whole export of a source; return its path, with the manifest beside it."""
    for _ in steps(folder, name, source, **options):
        pass
    return folder / f"clip{EXPORTERS[name].suffix}"


def steps(
    folder: Path, name: str, source: Any = None, check: Any = lambda: None, **options: Any
) -> Any:
    """Write an export of a source, yielding each finished frame; `check` comes before each mask."""
    row = EXPORTERS[name]
    values = read_options(row.options, options)
    request = ExportRequest(name, values, {"pairs": "all"}, "2026-01-02T03:04:05+00:00")
    path = folder / f"clip{row.suffix}"
    with Export(source or DrawnSource(), request, path, check) as export:
        yield from row.write(export)
        export.finish()
