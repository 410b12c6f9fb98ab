"""Free things: blobs, polygons, things with holes, thin things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from training.scenes.bodies import Look, circle, contrasting, draw_skin
from training.scenes.painter import Contour, Piece, Skin, Solid
from training.scenes.spec import Floats, Rng

STILL = np.eye(3)
GLYPHS: tuple[tuple[tuple[tuple[float, float], ...], ...], ...] = (
    (((-1, -1), (-1, 1), (0.8, 1)),),
    (((-1, -1), (1, -1)), ((0, -1), (0, 1))),
    (((1, -1), (-1, -1), (-1, 1), (1, 1)), ((-1, 0), (0.6, 0))),
    (((-1, -1), (-1, 1)), ((1, -1), (1, 1)), ((-1, 0), (1, 0))),
    (((-1, -1), (1, 1)), ((1, -1), (-1, 1))),
    (((-1, 1), (-0.9, -1), (0, 0.4), (0.9, -1), (1, 1)),),
    (((-1, 1), (0, -1), (1, 1)), ((-0.6, 0.3), (0.6, 0.3))),
    (((1, -0.7), (0, -1), (-0.9, -0.5), (0.7, 0.4), (0, 1), (-1, 0.7)),),
    (((0.9, -0.8), (0, -1), (-1, 0), (0, 1), (0.9, 0.8)),),
)


@dataclass(frozen=True, slots=True)
class Rigid:
    """A thing of one piece that keeps its outline."""

    kind: str
    solids: list[Solid]
    skin: Skin
    stroke: float = 0.0
    part_kinds: tuple[str, ...] = ("",)

    def pieces(self, tick: float) -> list[Piece]:
        del tick
        return [Piece(self.solids, STILL, self.skin, self.stroke)]


@dataclass(frozen=True, slots=True)
class Blob:
    """A smooth outline that swells and sags."""

    radius: float
    stretch: float
    sizes: Floats  # of each wave about the rim, as a fraction of the radius
    rates: Floats  # radians per tick
    phases: Floats
    skin: Skin
    kind: str = "blob"
    part_kinds: tuple[str, ...] = ("",)

    def pieces(self, tick: float) -> list[Piece]:
        turn = np.linspace(0, 2 * np.pi, 56, endpoint=False)
        order = np.arange(2, 2 + len(self.sizes))
        waves = np.sin(np.outer(turn, order) + self.phases + self.rates * tick)
        rim = circle(1, 56) * (self.radius * (1 + waves @ self.sizes))[:, None]
        rim = rim * (self.stretch, 1 / self.stretch)
        return [Piece([[rim]], STILL, self.skin)]


@dataclass(frozen=True, slots=True)
class Thread:
    """A curved line that sways; a needle if it does not."""

    line: Floats  # (n, 2)
    sway: Floats  # (n, 2): how far each point goes
    rate: float
    width: float
    skin: Skin
    kind: str = "thin"
    part_kinds: tuple[str, ...] = ("",)

    def pieces(self, tick: float) -> list[Piece]:
        along = np.linspace(0, 3, len(self.line))[:, None]
        wave = np.sin(self.rate * tick + along) - np.sin(along)
        return [Piece([[self.line + self.sway * wave]], STILL, self.skin, self.width)]


Thing = Rigid | Blob | Thread


@dataclass(frozen=True, slots=True)
class Kinds:
    """The makers of free things, and how often each is drawn."""

    makers: tuple[Callable[[Rng, Look, float], Thing], ...]
    odds: Floats = field(default_factory=lambda: np.ones(1))


def draw_blob(rng: Rng, look: Look, radius: float) -> Thing:
    """A smooth blob, round to lobed."""
    count = int(rng.integers(2, 6))
    sizes = rng.uniform(0, 0.32, count) / np.arange(1, count + 1) ** 0.7
    lively = rng.random() < 0.6
    rates = rng.normal(0, 0.16, count) * lively
    stretch = float(np.exp(rng.normal(0, 0.22)))
    skin = draw_skin(rng, look, contrasting(rng, look))
    return Blob(radius, stretch, sizes, rates, rng.uniform(0, 6.3, count), skin)


def draw_polygon(rng: Rng, look: Look, radius: float) -> Thing:
    """Three to eight corners: regular, skewed, a star, or a plain plate."""
    skin = draw_skin(rng, look, contrasting(rng, look))
    pick = rng.random()
    if pick < 0.35:
        half = radius * 0.9 * np.array([np.exp(rng.uniform(0, 0.7)), np.exp(-rng.uniform(0, 0.5))])
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
        corners += rng.normal(0, 0.08 * radius, (4, 2))
    elif pick < 0.8:
        count = int(rng.integers(3, 9))
        turn = np.sort((np.arange(count) + rng.uniform(-0.3, 0.3, count)) * 2 * np.pi / count)
        reach = radius * rng.uniform(0.75, 1.25, count)
        corners = np.stack([np.cos(turn), np.sin(turn)], -1) * reach[:, None]
    else:
        count = int(rng.integers(4, 8)) * 2
        corners = circle(radius * 1.25, count)
        corners[::2] *= rng.uniform(0.4, 0.75)
    return Rigid("polygon", [[corners]], skin)


def draw_ring(rng: Rng, look: Look, radius: float) -> Thing:
    """Something one sees through: a washer, a gear, a frame, a grid."""
    skin = draw_skin(rng, look, contrasting(rng, look))
    outer, pick = radius * 1.15, rng.random()
    hole = outer * rng.uniform(0.35, 0.75)
    squeeze = np.array([1.0, rng.uniform(0.6, 1.0)])
    if pick < 0.35:
        rims = [circle(outer) * squeeze, circle(hole) * squeeze]
    elif pick < 0.6:
        teeth = int(rng.integers(6, 14))
        rim = circle(outer, teeth * 4)
        rim.reshape(teeth, 4, 2)[:, 2:] *= rng.uniform(0.72, 0.85)
        rims = [rim, circle(min(hole, outer * 0.6))]
    elif pick < 0.8:
        plate = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * squeeze
        rims = [plate * outer, plate * hole]
    else:
        rims = _grid_rims(rng, outer)
    return Rigid("ring", [rims], skin)


def draw_glyph(rng: Rng, look: Look, radius: float) -> Thing:
    """Thick strokes: letters, brackets, hooks."""
    glyph = GLYPHS[rng.integers(len(GLYPHS))]
    squeeze = np.array([rng.uniform(0.6, 1.0), 1.0]) * radius * 1.2
    solids: list[Solid] = [[np.array(line) * squeeze] for line in glyph]
    skin = draw_skin(rng, look, contrasting(rng, look))
    return Rigid("glyph", solids, skin, stroke=radius * rng.uniform(0.3, 0.6))


def draw_thin(rng: Rng, look: Look, radius: float) -> Thing:
    """A needle, a thread or a tube."""
    count, length = 20, max(0.25, radius * rng.uniform(2.5, 5))
    bend = rng.normal(0, 1, 3) * (0.0 if rng.random() < 0.3 else 1.0)
    us = np.linspace(-0.5, 0.5, count)
    angle = bend[0] * 2.2 * us + bend[1] * 0.7 * np.sin(7 * us) + bend[2] * 0.4 * np.sin(15 * us)
    steps = np.stack([np.cos(angle), np.sin(angle)], -1) * length / count
    line = np.cumsum(steps, 0)
    line -= line.mean(0)
    sway = np.outer(us * (1 if bend.any() else 0), rng.normal(0, 0.15, 2))
    skin = draw_skin(rng, look, contrasting(rng, look), calm=True)
    return Thread(line, sway, rng.uniform(0.05, 0.3), rng.uniform(0.0135, 0.034), skin)


KINDS = Kinds(
    (draw_blob, draw_polygon, draw_ring, draw_glyph, draw_thin),
    np.array([0.34, 0.26, 0.16, 0.09, 0.15]),
)
PLAIN = Kinds((draw_blob, draw_polygon, draw_ring), np.array([0.5, 0.4, 0.1]))


def draw_thing(rng: Rng, look: Look, radius: float, kinds: Kinds = KINDS) -> Thing:
    """Any free thing of about this radius."""
    maker = kinds.makers[int(rng.choice(len(kinds.makers), p=kinds.odds))]
    return maker(rng, look, radius)


def _grid_rims(rng: Rng, outer: float) -> list[Contour]:
    rows, columns = (int(n) for n in rng.integers(1, 4, 2))
    half = outer * np.array([1.0, max(0.5, rows / max(columns, rows))])
    plate = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)
    rims = [plate * half]
    bar = rng.uniform(0.5, 0.75)
    cell = half / (columns, rows)
    for row in range(rows):
        for column in range(columns):
            centre = -half + cell * (2 * column + 1, 2 * row + 1)
            rims.append(centre + plate * cell * bar)
    return rims
