"""Figures: a body with a head or limbs in other colours, which move together and a little apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.scenes.bodies import Look, circle, contrasting, draw_skin
from training.scenes.motion import Sway, draw_sway, place
from training.scenes.painter import Contour, Piece, Skin
from training.scenes.spec import Floats, Rng


@dataclass(frozen=True, slots=True)
class Limb:
    """One part: an outline about its joint, which sits at `joint_xy` of the body."""

    outline: Contour
    joint_xy: tuple[float, float]
    turn: Sway
    skin: Skin

    def pose(self, tick: float) -> Floats:
        """Limb to body, (3, 3)."""
        return place(*self.joint_xy, self.turn.at(tick))


@dataclass(frozen=True, slots=True)
class Figure:
    """A body and what hangs on it, some of it behind the body."""

    limbs: tuple[Limb, ...]  # in drawing order
    part_kinds: tuple[str, ...]
    kind: str = "figure"

    def pieces(self, tick: float) -> list[Piece]:
        return [Piece([[limb.outline]], limb.pose(tick), limb.skin) for limb in self.limbs]


def draw_figure(rng: Rng, look: Look, radius: float) -> Figure:
    """A figure about as large as a disc of this radius."""
    body = (_lump(rng, radius * 0.8), (0.0, 0.0), 0.0)
    parts, kinds = [body], ["body"]
    for angle in rng.uniform(0, 2 * np.pi) + np.cumsum(rng.uniform(0.7, 2.2, rng.integers(1, 5))):
        length = radius * rng.uniform(0.5, 1.1)
        outline = _lump(rng, length * 0.55) * (1, rng.uniform(0.35, 1)) + (length * 0.45, 0)
        joint = (0.65 * radius * float(np.cos(angle)), 0.65 * radius * float(np.sin(angle)))
        before = int(rng.integers(len(parts) + 1))
        parts.insert(before, (outline, joint, float(angle)))
        kinds.insert(before, "limb")
    palette = [contrasting(rng, look) for _ in range(int(rng.integers(1, 4)))]
    chosen = rng.integers(len(palette), size=len(parts))
    alone = np.bincount(chosen)[chosen] == 1  # no other part has its colour
    limbs = []
    for (outline, joint, angle), colour in zip(parts, chosen, strict=True):
        turn = draw_sway(rng, angle, rng.uniform(0, 0.5) if joint != (0.0, 0.0) else 0.0)
        skin = draw_skin(rng, look, palette[colour])
        limbs.append(Limb(outline, joint, turn, skin))
    named = (kind if by_itself else "" for kind, by_itself in zip(kinds, alone, strict=True))
    return Figure(tuple(limbs), tuple(named))


def _lump(rng: Rng, radius: float) -> Contour:
    """Round, boxy or wavy."""
    rim = circle(1.0, 40)
    if rng.random() < 0.3:
        rim = np.sign(rim) * np.abs(rim) ** rng.uniform(0.3, 0.7)
    turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    wave = 1 + rng.uniform(0, 0.15) * np.sin(rng.integers(2, 5) * turn + rng.uniform(0, 6.3))
    stretch = float(np.exp(rng.normal(0, 0.2)))
    return np.asarray(rim * wave[:, None] * (stretch, 1 / stretch) * radius)
