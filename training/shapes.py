"""Draws articulated tools: a shaft that enters from the border, a wrist, and two jaws."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
import numpy.typing as npt

Rng = np.random.Generator
Polygon = npt.NDArray[np.float64]  # (n, 2): x, y in pixels
LabelMap = npt.NDArray[np.uint8]  # (h, w): 0 background, else `label_of`

SUBPIXEL_BITS = 4  # cv2's fixed-point coordinates


class Part(IntEnum):
    """The parts of a tool, in drawing order."""

    SHAFT = 0
    WRIST = 1
    GRIPPER = 2


@dataclass(frozen=True, slots=True)
class Sway:
    """A smooth motion: a centre and two sine waves, so that it never jumps and seldom repeats."""

    centre: float
    amplitude: float
    period_s: float
    phase: float

    def at(self, time_s: float) -> float:
        """The value at this time."""
        turn = 2 * np.pi * time_s / self.period_s + self.phase
        return float(
            self.centre + self.amplitude * (0.75 * np.sin(turn) + 0.25 * np.sin(2.3 * turn))
        )

    @classmethod
    def draw(cls, rng: Rng, centre: float, amplitude: float) -> Sway:
        """A sway about `centre` at a random speed."""
        return cls(centre, amplitude, rng.uniform(3.0, 5.0), rng.uniform(0, 2 * np.pi))


@dataclass(frozen=True, slots=True)
class Tool:
    """One instrument in motion. Lengths are fractions of the frame's smaller side."""

    entry: tuple[float, float]  # the shaft begins here, as a fraction of width and height
    reach: Sway
    angle: Sway
    bend: Sway  # of the wrist against the shaft, in radians
    opening: Sway  # of each jaw against the wrist, in radians
    thickness: float

    def parts(self, time_s: float, size_hw: tuple[int, int]) -> dict[Part, list[Polygon]]:
        """The polygons of each part at this time, in pixels."""
        side = min(size_hw)
        start = np.array([self.entry[0] * size_hw[1], self.entry[1] * size_hw[0]])
        along = self.angle.at(time_s)
        joint = start + _ray(along, self.reach.at(time_s) * side)
        width = self.thickness * side
        turned = along + self.bend.at(time_s)
        knuckle = joint + _ray(turned, 1.5 * width)
        spread = self.opening.at(time_s)
        return {
            Part.SHAFT: [_bar(start, joint, width, width)],
            Part.WRIST: [_bar(joint - _ray(turned, 0.2 * width), knuckle, 1.15 * width, width)],
            Part.GRIPPER: [_jaw(knuckle, turned, sign * spread, width) for sign in (1, -1)],
        }


def draw_tool(
    rng: Rng, entry: tuple[float, float], aim: tuple[float, float], aspect: float
) -> Tool:
    """A random tool that enters at `entry` and points at `aim`, both as fractions of the frame."""
    across, down = (aim[0] - entry[0]) * aspect, aim[1] - entry[1]
    return Tool(
        entry=entry,
        reach=Sway.draw(rng, float(np.hypot(across, down)), 0.07),
        angle=Sway.draw(rng, float(np.arctan2(down, across)), 0.12),
        bend=Sway.draw(rng, 0.0, 0.4),
        opening=Sway.draw(rng, 0.20, 0.12),
        thickness=rng.uniform(0.17, 0.19),
    )


def label_of(tool_idx: int, part: Part) -> int:
    """The value of this part in a label map."""
    return 1 + tool_idx * len(Part) + part


def paint(label_map: LabelMap, tool_idx: int, parts: dict[Part, list[Polygon]]) -> None:
    """Draw one tool over what is there."""
    for part, polygons in parts.items():
        for polygon in polygons:
            fixed = np.round(polygon * 2**SUBPIXEL_BITS).astype(np.int32)
            cv2.fillPoly(label_map, [fixed], label_of(tool_idx, part), cv2.LINE_8, SUBPIXEL_BITS)


def _ray(angle: float, length: float) -> npt.NDArray[np.float64]:
    return np.array([np.cos(angle), np.sin(angle)]) * length


def _bar(
    start: npt.NDArray[np.float64], end: npt.NDArray[np.float64], width0: float, width1: float
) -> Polygon:
    angle = float(np.arctan2(end[1] - start[1], end[0] - start[0])) + np.pi / 2
    side0, side1 = _ray(angle, width0 / 2), _ray(angle, width1 / 2)
    return np.array([start + side0, end + side1, end - side1, start - side0])


def _jaw(root: npt.NDArray[np.float64], angle: float, spread: float, width: float) -> Polygon:
    """A claw: broad at its root, curved back towards the middle at its tip."""
    outward = np.sign(spread)
    across = _ray(angle + outward * np.pi / 2, width)
    middle = root + _ray(angle + spread, 1.1 * width)
    tip = middle + _ray(angle - spread * 0.3, 1.0 * width)
    inner = root + _ray(angle + spread * 0.3, 0.9 * width)
    back = root - _ray(angle, 0.15 * width)
    return np.array(
        [back, back + across * 0.55, root + across * 0.55, middle + across * 0.42, tip, inner]
    )
