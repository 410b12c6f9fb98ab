"""Draws tools in motion whose tips are known: flat ones, and textured ones with pointed jaws."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask
from training.clips import ClipSpec, draw_tools, make_clip
from training.scenes.backgrounds import draw_ground
from training.scenes.bodies import Look
from training.scenes.instruments import Tool, draw_tool
from training.scenes.motion import place
from training.scenes.painter import Canvas, Light
from training.shapes import Part

KINDS = ("flat", "textured")
SIZE_HW = (360, 640)
FPS = Fraction(25)
JAW_TIP = 4  # the corner of a flat tool's jaw that is its tip
NEAR, LEAST_PX = 4, 8  # px around a tip, and those of its tool among them, for it to be seen
LEAST_MOTION_PX = 15.0  # of a tip, over the clip; a tool at rest is no test
LIGHT = Light(0.7, 0.7)


@dataclass(frozen=True, slots=True)
class Tip:
    """One tip of a tool: where it is on each frame (t, 2), and whether it is seen there."""

    tool: int
    xy_t: npt.NDArray[np.float64]
    seen_t: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TipClip:
    """A clip with the masks of its tools (n, t, h, w), and their tips."""

    frames_thwc: npt.NDArray[np.uint8]
    masks_nthw: BoolMask
    tips: tuple[Tip, ...]
    fps: Fraction = FPS


def draw_tips(kind: str, seed: int, num_frames: int) -> TipClip:
    """Draw a clip of a kind; the same seed gives the same pixels."""
    return _flat(seed, num_frames) if kind == "flat" else _textured(seed, num_frames)


def _flat(seed: int, num_frames: int) -> TipClip:
    spec = ClipSpec(seed=seed, num_frames=num_frames, size_hw=SIZE_HW, fps=FPS)
    clip = make_clip(spec)
    masks = np.stack([clip.masks_thw(tool, "overall") for tool in range(spec.num_tools)])
    tips = []
    for number, tool in enumerate(draw_tools(spec)):
        parts = [tool.parts(float(idx / FPS), SIZE_HW) for idx in range(num_frames)]
        for jaw in range(2):
            tips.append((number, np.stack([part[Part.GRIPPER][jaw][JAW_TIP] for part in parts])))
    return _clip(clip.frames_thwc, masks, tips)


def _textured(seed: int, num_frames: int) -> TipClip:
    """Draw a square picture and cut its middle out."""
    rng = np.random.default_rng((7, seed))
    side, top = SIZE_HW[1], (SIZE_HW[1] - SIZE_HW[0]) // 2
    ground = draw_ground(rng, side, 1.0)
    look = Look(side, ground.reshape(-1, 3).mean(axis=0), 0.7)
    tools = [draw_tool(rng, look, ticks=num_frames) for _ in range(2)]
    to_pixels = place(0, 0, 0, side)
    frames = np.empty((num_frames, *SIZE_HW, 3), np.uint8)
    owners = np.empty((num_frames, *SIZE_HW), np.uint8)
    for idx in range(num_frames):
        below = np.ascontiguousarray(ground[:side, :side])
        canvas = Canvas(below, np.zeros((side, side), np.uint8), LIGHT)
        for number, tool in enumerate(tools):
            for piece in tool.pieces(idx):
                canvas.paint(piece, to_pixels @ piece.pose, number + 1)
        frames[idx] = canvas.frame_rgb_hwc[top : top + SIZE_HW[0]]
        owners[idx] = canvas.owner_hw[top : top + SIZE_HW[0]]
    masks = np.stack([owners == number + 1 for number in range(len(tools))])
    paths = [
        np.stack([_jaw_tip(tool, idx, side, top) for idx in range(num_frames)]) for tool in tools
    ]
    return _clip(frames, masks, list(enumerate(paths)))


def _jaw_tip(tool: Tool, tick: float, side: int, top: int) -> npt.NDArray[np.float64]:
    """Place of the tip of the upper jaw, in px."""
    jaws = next(piece for piece in tool.pieces(tick) if piece.skin is tool.skins[2])
    corner = int(np.argmax(tool.jaws[0][0][:, 0]))
    at = place(0, 0, 0, side) @ jaws.pose @ np.array([*jaws.solids[0][0][corner], 1.0])
    return np.asarray(at[:2] - (0, top), np.float64)


def _clip(
    frames: npt.NDArray[np.uint8],
    masks: BoolMask,
    paths: list[tuple[int, npt.NDArray[np.float64]]],
) -> TipClip:
    tips = [
        Tip(tool, xy_t, _seen(masks[tool], xy_t))
        for tool, xy_t in paths
        if np.ptp(xy_t, axis=0).max() >= LEAST_MOTION_PX
    ]
    return TipClip(frames, masks, tuple(tips))


def _seen(masks_thw: BoolMask, xy_t: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    seen = np.zeros(len(xy_t), np.bool_)
    height, width = SIZE_HW
    for idx, (x, y) in enumerate(xy_t):
        if not (NEAR <= x < width - NEAR and NEAR <= y < height - NEAR):
            continue
        rows, columns = (
            slice(int(y) - NEAR, int(y) + NEAR + 1),
            slice(int(x) - NEAR, int(x) + NEAR + 1),
        )
        seen[idx] = masks_thw[idx, rows, columns].sum() >= LEAST_PX
    return seen
