"""Writes the objects without their surroundings: on one colour, or cut out with transparency."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import union
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import EMPTY
from sam2_session.formats.exporting.source import Alpha
from sam2_session.formats.rendered.soft_edges import soft_alpha

BACKGROUND = FormatOption("background", "#00ff00", "Colour of the background.", is_colour=True)
OFFSET = FormatOption("first_number", 0, "Number of the video's first frame.", low=0, high=10**6)
SOFT_HELP = "Soft edges, from the model's logits if possible, else by a slight blur."
SOFT_EDGE = FormatOption("soft_edge", True, SOFT_HELP)
HARD_EDGE = FormatOption("soft_edge", False, SOFT_HELP)
SCREEN_OPTIONS = (BACKGROUND, HARD_EDGE, OFFSET, EMPTY)
CUT_OUT_OPTIONS = (SOFT_EDGE, OFFSET, EMPTY)
Draw = Callable[[npt.NDArray[np.uint8], Alpha], npt.NDArray[np.uint8]]
FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)


def write_screen(export: Export) -> FramesDone:
    """Write ``frame_000000_masked.png``: everything but the objects in one colour."""
    colour = np.frombuffer(bytes.fromhex(str(export.options["background"])[1:]), np.uint8)

    def draw(rgb_hwc: npt.NDArray[np.uint8], alpha_hw: Alpha) -> npt.NDArray[np.uint8]:
        share = alpha_hw[..., None].astype(np.float32) / 255
        return np.rint(rgb_hwc * share + colour * (1 - share)).astype(np.uint8)[..., ::-1]

    yield from _write(export, "masked", draw)


def write_cut_out(export: Export) -> FramesDone:
    """Write ``frame_000000_cutout.png``: RGBA with the frame's colours."""

    def draw(rgb_hwc: npt.NDArray[np.uint8], alpha_hw: Alpha) -> npt.NDArray[np.uint8]:
        seen_hwc = np.where(alpha_hw[..., None] > 0, rgb_hwc[..., ::-1], 0)
        return np.dstack([seen_hwc, alpha_hw]).astype(np.uint8)

    yield from _write(export, "cutout", draw)


def _write(export: Export, word: str, draw: Draw) -> Iterator[int]:
    with export.archive() as archive:
        for frame_idx in export.source.frames:
            if export.options["empty_frames"] or export.is_masked(frame_idx):
                alpha_hw = _alpha(export, frame_idx)
                image = draw(export.source.read_frame(frame_idx), alpha_hw)
                png = cv2.imencode(".png", np.ascontiguousarray(image), FAST)[1].tobytes()
                number = frame_idx + export.number_offset + int(export.options["first_number"])
                archive.add(f"frame_{number:06d}_{word}.png", png, packed=True)
            yield frame_idx


def _alpha(export: Export, frame_idx: int) -> Alpha:
    size_hw = export.source.video.size_hw
    if not export.options["soft_edge"]:
        return union(export.masks(frame_idx), size_hw).astype(np.uint8) * np.uint8(255)
    alpha_hw = np.zeros(size_hw, np.uint8)
    for pair, read in export.masks(frame_idx):
        np.maximum(alpha_hw, soft_alpha(export, pair, read), out=alpha_hw)
    return alpha_hw
