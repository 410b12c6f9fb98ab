"""Draws masks, names and prompts over a frame, in the colours of the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import BoolMask, FramePrompt
from sam2_session.formats.exporting.source import MaskRead, Pair

Picture = npt.NDArray[np.uint8]  # rgb_hwc
POSITIVE, NEGATIVE, RING = (60, 200, 90), (225, 60, 60), (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Tint:
    """Look of a mask: colour like #29b6f6, opacity from 0 to 1, with or without outline."""

    colour: str
    opacity: float
    outline: bool = True


def tint(picture: Picture, mask_hw: BoolMask, facts: MaskFacts, look: Tint) -> None:
    """Tint a mask, and draw its outline in the full colour."""
    if facts.box is None:
        return
    x0, y0, x1, y1 = facts.box
    inside_hw, part = mask_hw[y0:y1, x0:x1], picture[y0:y1, x0:x1]
    rgb = np.asarray(rgb_of(look.colour), np.float32)
    tinted = part[inside_hw] * (1 - look.opacity) + rgb * look.opacity
    part[inside_hw] = np.rint(tinted).astype(np.uint8)
    if look.outline:
        _outline(picture, mask_hw, rgb_of(look.colour))


def put_labels(picture: Picture, named: Iterable[tuple[Pair, MaskRead]]) -> Picture:
    """Write the name of each object above its mask."""
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=max(10, picture.shape[0] // 40))
    for pair, read in named:
        if (box := read.note.facts.box) is not None:
            bounds = draw.textbbox((box[0], box[1]), pair.label, font=font, anchor="lb")
            down = max(0.0, -bounds[1])  # a name above the frame is moved into it
            shifted = (bounds[0], bounds[1] + down, bounds[2], bounds[3] + down)
            draw.rectangle(shifted, fill=rgb_of(pair.colour))
            draw.text((box[0], box[1] + down), pair.label, font=font, fill=(0, 0, 0), anchor="lb")
    return np.array(image)


def put_prompt(picture: Picture, prompt: FramePrompt, colour: str) -> None:
    """Draw points as dots, positive green and negative red, and the box."""
    size = max(2, picture.shape[0] // 150)
    if prompt.box is not None:
        corners = [(round(x), round(y)) for x, y in _corners(prompt)]
        cv2.rectangle(picture, corners[0], corners[1], rgb_of(colour), max(1, size // 2))
    for point in prompt.points:
        centre = (int(point.x), int(point.y))
        cv2.circle(picture, centre, size + 1, RING, -1, cv2.LINE_AA)
        cv2.circle(picture, centre, size, POSITIVE if point.label else NEGATIVE, -1, cv2.LINE_AA)


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Convert ``#ff0000`` to ``(255, 0, 0)``."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _outline(picture: Picture, mask_hw: BoolMask, rgb: tuple[int, int, int]) -> None:
    found, _ = cv2.findContours(mask_hw.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, found, -1, rgb, max(1, picture.shape[0] // 540))


def _corners(prompt: FramePrompt) -> tuple[tuple[float, float], tuple[float, float]]:
    assert prompt.box is not None
    return (prompt.box.x0, prompt.box.y0), (prompt.box.x1, prompt.box.y1)
