"""Draws a clip and its exact masks from a seed; the same seed gives the same pixels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
import numpy.typing as npt

from training.shapes import LabelMap, Part, Rng, Tool, draw_tool, label_of, paint

Image = npt.NDArray[np.uint8]  # frame_rgb_hwc
BoolMasks = npt.NDArray[np.bool_]
Colour = tuple[int, int, int]  # red, green, blue
Palette = tuple[Colour, Colour, Colour]  # shaft, wrist, gripper

WHOLE = "overall"
REGIONS = (WHOLE, *(part.name.lower() for part in Part))

# A tool's shaft, wrist and gripper: one family of hues for the whole, clear steps between parts.
PALETTES: tuple[Palette, ...] = (
    ((183, 12, 216), (223, 131, 165), (99, 37, 188)),
    ((113, 154, 12), (140, 134, 86), (93, 245, 12)),
)
GROUND: Colour = (103, 98, 43)
ENTRIES = ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.0))
AIMS = ((0.30, 0.45), (0.70, 0.52), (0.60, 0.55), (0.40, 0.55))


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """Size, length and seed of a clip to draw."""

    seed: int = 0
    num_frames: int = 24
    size_hw: tuple[int, int] = (256, 256)
    num_tools: int = 2
    fps: Fraction = Fraction(25)
    palettes: tuple[Palette, ...] = PALETTES
    ground: Colour = GROUND

    def __post_init__(self) -> None:
        if not 1 <= self.num_tools <= len(ENTRIES):
            raise ValueError(f"num_tools must be 1 to {len(ENTRIES)}, not {self.num_tools}")
        if self.num_frames < 1 or min(self.size_hw) < 16:
            raise ValueError("a clip has at least one frame of at least 16 x 16 pixels")


DEMO = ClipSpec(seed=14, num_frames=90, size_hw=(360, 640))


@dataclass(frozen=True, slots=True)
class Clip:
    """A drawn clip: its frames and the label at each pixel."""

    spec: ClipSpec
    frames_thwc: npt.NDArray[np.uint8]
    labels_thw: npt.NDArray[np.uint8]

    def mask_hw(self, frame_idx: int, tool_idx: int, region: str) -> BoolMasks:
        """Mask of the visible pixels of a tool's region on one frame."""
        return np.asarray(self.masks_thw(tool_idx, region)[frame_idx], np.bool_)

    def masks_thw(self, tool_idx: int, region: str) -> BoolMasks:
        """Masks of the visible pixels of a tool's region on every frame."""
        parts = list(Part) if region == WHOLE else [Part[region.upper()]]
        wanted = [label_of(tool_idx, part) for part in parts]
        return np.asarray(np.isin(self.labels_thw, wanted), np.bool_)


def make_clip(spec: ClipSpec) -> Clip:
    """Draw tools that move over a textured ground, some in front of others."""
    rng = np.random.default_rng(spec.seed)
    tools = _tools(rng, spec)
    ground = _ground(rng, spec)
    textures = [_texture(rng, spec.size_hw) for _ in range(spec.num_tools)]
    labels = np.stack([_labels(tools, frame_idx, spec) for frame_idx in range(spec.num_frames)])
    frames = np.stack(
        [_frame(label_map, _drift(ground, frame_idx, spec), textures, spec)
         for frame_idx, label_map in enumerate(labels)]
    )  # fmt: skip
    return Clip(spec, frames, labels)


def draw_tools(spec: ClipSpec) -> list[Tool]:
    """The tools of the clip of this spec, whose parts tell where they are at any time."""
    return _tools(np.random.default_rng(spec.seed), spec)


def click_in(mask_hw: BoolMasks) -> tuple[float, float]:
    """Find the pixel (x, y) deepest inside a mask, where a careful user clicks."""
    padded = np.pad(mask_hw.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return float(x), float(y)


def _tools(rng: Rng, spec: ClipSpec) -> list[Tool]:
    aspect = spec.size_hw[1] / spec.size_hw[0]
    chosen = list(zip(ENTRIES, AIMS, strict=True))[: spec.num_tools]
    return [draw_tool(rng, entry, aim, aspect) for entry, aim in chosen]


def _labels(tools: list[Tool], frame_idx: int, spec: ClipSpec) -> LabelMap:
    label_map = np.zeros(spec.size_hw, np.uint8)
    time_s = float(frame_idx / spec.fps)
    for tool_idx, tool in enumerate(tools):
        paint(label_map, tool_idx, tool.parts(time_s, spec.size_hw))
    return label_map


def _ground(rng: Rng, spec: ClipSpec) -> Image:
    """Draw a mottled background, larger than the frame so that it can drift."""
    size_hw = (spec.size_hw[0] * 5 // 4, spec.size_hw[1] * 5 // 4)
    shade = _noise(rng, size_hw, (4, 9, 20)) * 34
    tint = np.stack([_noise(rng, size_hw, (3, 6)) * 12 for _ in range(3)], axis=-1)
    return _to_image(np.array(spec.ground) + shade[..., None] + tint)


def _drift(ground: Image, frame_idx: int, spec: ClipSpec) -> Image:
    time_s = float(frame_idx / spec.fps)
    height, width = spec.size_hw
    x = width / 8 * (1 + np.sin(time_s / 2.1))
    y = height / 8 * (1 + np.cos(time_s / 2.6))
    centre = (x + (width - 1) / 2, y + (height - 1) / 2)
    return np.asarray(cv2.getRectSubPix(ground, (width, height), centre), np.uint8)


def _texture(rng: Rng, size_hw: tuple[int, int]) -> npt.NDArray[np.float64]:
    return _noise(rng, size_hw, (12, 30)) * 8


def _frame(
    label_map: LabelMap, ground: Image, textures: list[npt.NDArray[np.float64]], spec: ClipSpec
) -> Image:
    """Colour a label map: flat colours with texture, shaded towards the edges, softened."""
    pixels = ground.astype(np.float64)
    for label in np.unique(label_map[label_map > 0]):
        tool_idx, part = divmod(int(label) - 1, len(Part))
        here = label_map == label
        colour = np.array(spec.palettes[tool_idx % len(spec.palettes)][part])
        depth = cv2.distanceTransform(here.astype(np.uint8), cv2.DIST_L2, 3)[here]
        shade = 0.88 + 0.12 * np.minimum(depth / max(depth.max(), 1), 0.6) / 0.6
        texture = textures[tool_idx][here]
        pixels[here] = colour * shade[:, None] + texture[:, None]
    return np.asarray(cv2.GaussianBlur(_to_image(pixels), (3, 3), 0.6), np.uint8)


def _noise(rng: Rng, size_hw: tuple[int, int], cells: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Make smooth noise, roughly -1 to 1, by adding enlarged random grids of several sizes."""
    total = np.zeros(size_hw)
    for order, count in enumerate(cells):
        grid = rng.uniform(-1, 1, (count, count))
        size_wh = (size_hw[1], size_hw[0])
        total += cv2.resize(grid, size_wh, interpolation=cv2.INTER_CUBIC) / 2**order
    return total


def _to_image(pixels: npt.NDArray[np.float64]) -> Image:
    return np.clip(np.round(pixels), 0, 255).astype(np.uint8)
