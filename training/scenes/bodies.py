"""Shared by all bodies: named parts with skins, moved along a path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from training.scenes.motion import Path
from training.scenes.painter import Contour, Piece, Skin, lay
from training.scenes.spec import Floats, Image, Rng
from training.scenes.textures import (
    CALM,
    Colour,
    coloured,
    draw_colour,
    draw_palette,
    draw_pattern,
)

NEAR, FAR = 26.0, 55.0  # distances of colour: hard to tell, easy to tell


class Body(Protocol):
    """Something to paint: its name, and one for each of its pieces (empty: not to be clicked)."""

    @property
    def kind(self) -> str: ...

    @property
    def part_kinds(self) -> tuple[str, ...]: ...

    def pieces(self, tick: float) -> list[Piece]:
        """The pieces in drawing order, in the body's own space."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A body on its path through the world."""

    body: Body
    path: Path
    targeted: bool = True

    def pieces(self, tick: float) -> list[Piece]:
        """The pieces in drawing order, posed in the world."""
        pose = self.path.pose(tick)
        return [replace(piece, pose=pose @ piece.pose) for piece in self.body.pieces(tick)]


@dataclass(frozen=True, slots=True)
class Look:
    """Look of the objects of a scene: size, background colour and hardness."""

    size: int  # pixels a side
    ground: Colour  # mean colour of the ground
    hardness: float


def contrasting(rng: Rng, look: Look) -> Colour:
    """A colour away from the ground's; seldom, and only when hard, close to it."""
    wanted = NEAR if rng.random() < 0.12 * look.hardness else FAR
    wanted += 25 * (1 - look.hardness)
    colour = draw_colour(rng)
    for _ in range(12):
        if wanted < np.linalg.norm(colour - look.ground) * _weight(colour, look.ground):
            break
        colour = draw_colour(rng)
    return colour


def draw_skin(rng: Rng, look: Look, base: Colour, *, calm: bool = False) -> Skin:
    """A surface about one colour: patterned, shaded, with a rim or a shadow now and then."""
    contrast = rng.uniform(0.05, 0.45) if calm or rng.random() < 0.55 else rng.uniform(0.4, 1)
    pattern = draw_pattern(rng, CALM) if calm else draw_pattern(rng)
    texture = coloured(pattern, draw_palette(rng, base, contrast))
    if not calm and rng.random() < 0.16:
        _mark(rng, texture)
    skin = lay(texture, float(np.exp(rng.uniform(np.log(0.8), np.log(3.5)))), look.size)
    rim = tuple(int(c) for c in (base * rng.uniform(0.25, 0.6)).clip(0, 255))
    return replace(
        skin,
        bevel=rng.uniform(0.1, 0.5) if rng.random() < 0.8 else 0.0,
        bevel_width=rng.uniform(0.012, 0.06),
        rim=(rim[0], rim[1], rim[2]) if rng.random() < 0.2 else None,
        shadow=rng.uniform(0.15, 0.5) if rng.random() < 0.55 else 0.0,
    )


def _mark(rng: Rng, texture: Image) -> None:
    """A label, a lid or a second half on a surface: part of it all the same."""
    side, pick = texture.shape[0], rng.random()
    paint = coloured(draw_pattern(rng, CALM), draw_palette(rng, draw_colour(rng), 0.3))
    mask = np.zeros((side, side), np.uint8)
    half = rng.uniform(0.06, 0.2, 2) * side
    x, y = side / 2 + rng.normal(0, 0.05, 2) * side
    if pick < 0.4:
        cv2.ellipse(mask, ((x, y), (2 * half[0], 2 * half[1]), 0), 255, -1, cv2.LINE_AA)
    elif pick < 0.75:
        cv2.rectangle(
            mask, (int(x - half[0]), int(y - half[1])), (int(x + half[0]), int(y)), 255, -1
        )
    else:
        cv2.rectangle(mask, (0, 0), (int(x), side), 255, -1)
    over = mask.astype(np.float32) / 255
    texture[...] = cv2.blendLinear(paint, texture, over, 1 - over)


def circle(radius: float, count: int = 32) -> Contour:
    """A closed ring of points about the origin."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn)], -1) * radius


def strip(us: Floats, halves: Floats) -> Contour:
    """An outline along the x axis: half widths at each place, mirrored."""
    upper = np.stack([us, halves], -1)
    return np.concatenate([upper, upper[::-1] * (1, -1)])


def _weight(first: Colour, second: Colour) -> float:
    """Less for colours that differ in blue alone, which eyes hardly see."""
    gap = np.abs(first - second)
    return float((gap * (0.3, 0.55, 0.15)).sum() / max(gap.sum(), 1) * 1.2 + 0.6)
