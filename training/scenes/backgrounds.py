"""Grounds: textured, tissue-like, or cluttered as photographs are."""

from __future__ import annotations

import cv2
import numpy as np

from training.scenes.spec import Floats, Grey, Image, Rng
from training.scenes.textures import (
    CALM,
    TILE,
    Colour,
    coloured,
    draw_colour,
    draw_palette,
    draw_pattern,
    hsv,
)

OVERSIZE = 1.5  # the ground's side in frames, so that a camera can pan over it


def draw_ground(rng: Rng, size: int, hardness: float) -> Image:
    """A ground of OVERSIZE times the frame's side."""
    side = round(size * OVERSIZE)
    base = _draw_base(rng)
    names = CALM if rng.random() < 0.5 or hardness == 0 else None
    contrast = rng.uniform(0.1, 0.35 + 0.5 * hardness)
    ground = _spread(rng, side, base, contrast, names)
    if rng.random() < 0.25 + 0.45 * hardness:
        other = _spread(rng, side, base + rng.normal(0, 30, 3), contrast, CALM)
        ground = _mixed(rng, ground, other)
    if rng.random() < 0.6:
        ground = _graded(rng, ground)
    if rng.random() < 0.55 * hardness:
        _clutter(rng, ground, base)
    if rng.random() < 0.5:
        sigma = rng.uniform(0.4, 3.0) * size / 256
        ground = np.asarray(cv2.GaussianBlur(ground, (0, 0), sigma), np.uint8)
    return ground


def _draw_base(rng: Rng) -> Colour:
    pick = rng.random()
    if pick < 0.3:  # tissue
        return hsv(rng.uniform(-8, 13), rng.uniform(50, 165), rng.uniform(70, 205))
    if pick < 0.45:  # a table
        return hsv(rng.uniform(8, 25), rng.uniform(30, 130), rng.uniform(70, 210))
    if pick < 0.6:  # cloth, a mat
        return hsv(rng.uniform(50, 125), rng.uniform(20, 140), rng.uniform(40, 170))
    return draw_colour(rng, vivid=0.06)


def _spread(
    rng: Rng, side: int, base: Colour, contrast: float, names: tuple[str, ...] | None
) -> Image:
    """A pattern, blown up to the ground's side."""
    pattern = draw_pattern(rng, names) if names else draw_pattern(rng)
    pattern = _blown_up(rng, pattern, side)
    return coloured(pattern, draw_palette(rng, base, contrast, hard_edges=0.08))


def _blown_up(rng: Rng, pattern: Grey, side: int) -> Grey:
    tiles = float(np.exp(rng.uniform(np.log(0.35), np.log(1.8))))
    per_pixel = tiles * TILE / side
    if per_pixel > 1.4:
        share = 1 / per_pixel
        shrunk = cv2.resize(pattern, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        pattern, per_pixel = np.asarray(shrunk, np.uint8), 1.0
    angle = rng.uniform(0, 2 * np.pi)
    cos, sin = np.cos(angle) * per_pixel, np.sin(angle) * per_pixel
    x, y = rng.uniform(0, TILE, 2)
    matrix = np.array([[cos, -sin, x], [sin, cos, y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    blown = cv2.warpAffine(
        pattern, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(blown, np.uint8)


def _mixed(rng: Rng, first: Image, second: Image) -> Image:
    """Regions of the one in the other, softly or sharply parted."""
    field = _blown_up(rng, draw_pattern(rng, ("cloud", "marble")), first.shape[0])
    share = field.astype(np.float32) / 255
    share = ((share - rng.uniform(0.3, 0.7)) * rng.uniform(1.5, 10) + 0.5).clip(0, 1)
    return np.asarray(cv2.blendLinear(first, second, share, 1 - share), np.uint8)


def _graded(rng: Rng, ground: Image) -> Image:
    """Brighter towards one corner."""
    corners = rng.uniform(0.6, 1.3, (2, 2)).astype(np.float32)
    side = ground.shape[0]
    gain = cv2.resize(corners, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(ground, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8)


def _clutter(rng: Rng, ground: Image, base: Colour) -> None:
    """Soft-edged patches of many sizes, large ones first: things out of focus."""
    side = ground.shape[0]
    kin = [draw_colour(rng, vivid=0.15) for _ in range(3)] + [base, base]
    reaches = np.sort(np.exp(rng.uniform(np.log(0.015), np.log(0.28), int(rng.integers(8, 36)))))
    sharp = rng.uniform(0.3, 1)
    for reach in reaches[::-1] * side:
        colour = kin[rng.integers(len(kin))] + rng.normal(0, 22, 3)
        _patch(rng, ground, colour.clip(5, 250), float(reach), sharp)


def _patch(rng: Rng, ground: Image, colour: Colour, reach: float, sharp: float) -> None:
    side = ground.shape[0]
    x, y = rng.uniform(0, side, 2)
    soft = max(0.7, reach * rng.uniform(0.02, 0.4) * (1.2 - sharp))
    outline = _outline(rng, reach)
    room = reach * 1.6 + 2 * soft
    left, top = max(0, int(x - room)), max(0, int(y - room))
    right, bottom = min(side, int(x + room) + 1), min(side, int(y + room) + 1)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    points = ((outline + (x - left, y - top)) * 8).round().astype(np.int32)
    cv2.fillPoly(mask, [points], 255, cv2.LINE_AA, 3)
    box = 2 * round(soft) + 1
    mask = cv2.blur(cv2.blur(mask, (box, box)), (box, box))
    pattern = draw_pattern(rng)
    scale = TILE / max(mask.shape) * rng.uniform(0.4, 1)
    matrix = np.array([[scale, 0, 0], [0, scale, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pattern = np.asarray(cv2.warpAffine(pattern, matrix, mask.shape[::-1], flags=flags), np.uint8)
    texture = coloured(pattern, draw_palette(rng, colour, rng.uniform(0.1, 0.7)))
    over = mask.astype(np.float32) * (rng.uniform(0.7, 1) / 255)
    area = ground[top:bottom, left:right]
    area[...] = cv2.blendLinear(texture, area, over, 1 - over)


def _outline(rng: Rng, reach: float) -> Floats:
    """A box, an ellipse or a lump."""
    stretch = np.array([np.exp(rng.normal(0, 0.35)), 1.0])
    angle = rng.uniform(0, np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    if rng.random() < 0.35:
        rim = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 0.8
    else:
        at = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        waves = rng.normal(0, 0.12, 3) @ np.sin(np.outer((2, 3, 5), at) + rng.uniform(0, 6, (3, 1)))
        rim = np.stack([np.cos(at), np.sin(at)], -1) * (1 + waves)[:, None]
    return np.asarray((rim * stretch) @ turn * reach)
