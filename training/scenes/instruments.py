"""Articulated tools (shaft, wrist, gripper) and hand tools in segments: wholes with parts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from training.scenes.bodies import Look, contrasting, draw_skin, strip
from training.scenes.motion import Excursion, Sway, draw_excursion, draw_sway, place
from training.scenes.painter import Contour, Piece, Skin, Solid, lay
from training.scenes.spec import Floats, Image, Rng
from training.scenes.textures import CALM, Colour, coloured, draw_palette, draw_pattern

SHAFT_LENGTH = 2.2
PART_KINDS = ("shaft", "wrist", "gripper")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that reaches in over the border; jaws open and shut, the wrist bends."""

    entry_xy: tuple[float, float]
    angle: Sway
    reach: Sway
    bend: Sway
    opening: Sway
    width: float
    wrist: Contour  # along x from the joint
    jaws: tuple[Solid, ...]  # along x from the knuckle, upper first
    skins: tuple[Skin, Skin, Skin]
    gripper_on_top: bool
    withdrawal: Excursion | None = None
    way_out: float = 0.0
    kind: str = "tool"

    @property
    def part_kinds(self) -> tuple[str, ...]:
        return PART_KINDS if self.gripper_on_top else ("shaft", "gripper", "wrist")

    def pieces(self, tick: float) -> list[Piece]:
        angle = self.angle.at(tick)
        out = self.way_out * self.withdrawal.at(tick) if self.withdrawal else 0.0
        shaft = place(*self.entry_xy, angle) @ place(self.reach.at(tick) - out, 0)
        wrist = shaft @ place(0, 0, self.bend.at(tick))
        knuckle = wrist @ place(float(self.wrist[:, 0].max()) * 0.92, 0)
        half = self.width / 2
        bar = strip(np.array([-SHAFT_LENGTH, 0.1 * self.width]), np.array([half, half]))
        pieces = [
            Piece([[bar]], shaft, self.skins[0]),
            Piece([[self.wrist]], wrist, self.skins[1]),
            Piece(self._opened(self.opening.at(tick)), knuckle, self.skins[2]),
        ]
        return pieces if self.gripper_on_top else [pieces[0], pieces[2], pieces[1]]

    def _opened(self, opening: float) -> list[Solid]:
        opening = max(opening, 0.0)
        turns = (place(0, 0, opening)[:2, :2].T, place(0, 0, -opening)[:2, :2].T)
        return [
            [contour @ turn for contour in jaw] for jaw, turn in zip(self.jaws, turns, strict=False)
        ]


@dataclass(frozen=True, slots=True)
class Segmented:
    """A straight hand tool in two or three segments: a screwdriver, a pen, a bottle, a syringe."""

    kind: str
    segments: tuple[Contour, ...]
    skins: tuple[Skin, ...]
    part_kinds: tuple[str, ...]

    def pieces(self, tick: float) -> list[Piece]:
        del tick
        return [
            Piece([[outline]], np.eye(3), skin)
            for outline, skin in zip(self.segments, self.skins, strict=True)
        ]


def draw_tool(rng: Rng, look: Look, *, ticks: float, withdraws: bool = False) -> Tool:
    """A tool from outside of the frame; with `withdraws` it is pulled out for a while."""
    entry, aim = _entry_and_aim(rng)
    across, down = aim[0] - entry[0], aim[1] - entry[1]
    reach = float(np.hypot(across, down))
    width = float(np.exp(rng.uniform(np.log(0.075), np.log(0.22))))
    lively = rng.uniform(0.1, 1) if rng.random() < 0.85 else 0.0
    jaws = _draw_jaws(rng, width)
    length = max(float(contour[:, 0].max()) for solid in jaws for contour in solid)
    wrist = _draw_wrist(rng, width)
    return Tool(
        entry_xy=entry,
        angle=draw_sway(rng, float(np.arctan2(down, across)), 0.14 * lively),
        reach=draw_sway(rng, reach, 0.12 * lively),
        bend=draw_sway(rng, rng.normal(0, 0.3), 0.45 * lively),
        opening=draw_sway(rng, rng.uniform(0.0, 0.45), 0.3 * lively, 0.4),
        width=width,
        wrist=wrist,
        jaws=jaws,
        skins=_tool_skins(rng, look, width),
        gripper_on_top=bool(rng.random() < 0.5),
        withdrawal=draw_excursion(rng, ticks, reach) if withdraws else None,
        way_out=reach + length + float(wrist[:, 0].max()) + 0.25,
    )


def draw_segmented(rng: Rng, look: Look, radius: float) -> Segmented:
    """A free hand tool about as large as a disc of this radius."""
    aspect = rng.uniform(2.5, 6)
    length = radius * np.sqrt(np.pi * aspect)
    half = length / aspect / 2
    cuts = np.cumsum(rng.dirichlet(np.full(int(rng.integers(2, 4)), 4.0)))
    starts = np.concatenate([[0], cuts[:-1]])
    base, uniform = contrasting(rng, look), rng.random() < 0.2
    skins, segments = [], []
    for start, stop in zip(starts, cuts, strict=True):
        us = np.linspace(start, stop, 6)
        halves = _profile(rng, us) * half * rng.uniform(0.45, 1.1)
        segments.append(strip((us - 0.5) * length, np.maximum(halves, 0.008)))
        colour = base if uniform else _neighbour(rng, base)
        skins.append(_rounded_skin(rng, look, colour, float(halves.max())))
    names = ("handle", "neck", "tip") if len(segments) == 3 else ("handle", "tip")
    return Segmented("handtool", tuple(segments), tuple(skins), names)


def _entry_and_aim(rng: Rng) -> tuple[tuple[float, float], tuple[float, float]]:
    along = rng.uniform(-0.1, 1.1)
    entries = ((-0.15, along), (1.15, along), (along, -0.15), (along, 1.15))
    aim = (rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.75))
    entry = entries[rng.choice(4, p=(0.27, 0.27, 0.16, 0.30))]
    return entry, aim


def _draw_wrist(rng: Rng, width: float) -> Contour:
    length = width * rng.uniform(0.7, 1.8)
    us = np.array([-0.25, 0.0, 0.3, 0.75, 1.0])
    halves = np.array([0.8, 1.0, rng.uniform(0.8, 1.15), rng.uniform(0.7, 1.1), 0.65])
    return strip(us * length, halves * width / 2 * rng.uniform(0.9, 1.12))


def _draw_jaws(rng: Rng, width: float) -> tuple[Solid, ...]:
    """Two mirrored jaws, sometimes with windows; seldom one: a hook or a blade."""
    length, thick = width * rng.uniform(1.1, 2.6), width * rng.uniform(0.28, 0.5)
    us = np.array([-0.12, 0.1, 0.35, 0.6, 0.85, 1.0])
    back = np.array([1.0, 1.15, *rng.uniform(0.6, 1.25, 2), rng.uniform(0.3, 0.8), 0.12])
    curl = rng.uniform(-0.1, 0.35) * us.clip(0) ** 2 * width
    outer = np.stack([us * length, back * thick - curl], -1)
    inner = np.stack([us * length, -curl * (us > 0) - 0.02 * width], -1)
    jaw = np.concatenate([outer, inner[::-1]])
    solid: Solid = [jaw]
    if rng.random() < 0.25:
        middle = np.array([0.42 * length, back[2:4].mean() * thick * 0.5 - curl[2:4].mean()])
        solid.append(
            middle + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (0.16 * length, 0.2 * thick)
        )
    if rng.random() < 0.15:  # one jaw alone
        return ([contour * (1, 1.4) for contour in solid],)
    return solid, [contour * (1, -1) for contour in solid]


def _tool_skins(rng: Rng, look: Look, width: float) -> tuple[Skin, Skin, Skin]:
    """One material for the whole; parts told apart by shade, by bands, or by shape alone."""
    base, style = contrasting(rng, look), rng.random()
    alike = 0.2 * look.hardness
    colours = [base, base, base]
    if style >= alike:
        colours[1:] = [_neighbour(rng, base), _neighbour(rng, base)]
    if look.hardness == 0 and np.linalg.norm(colours[1] - colours[2]) < 40:
        colours[2] = (colours[2] + 128) % 256
    shaft, wrist, gripper = (_rounded_skin(rng, look, colour, width / 2) for colour in colours)
    if style > 1 - 0.35:
        shaft = _banded(rng, shaft, width)
    return shaft, wrist, gripper


def _neighbour(rng: Rng, base: Colour) -> Colour:
    """A colour of the same family, one clear step away."""
    step = rng.uniform(28, 80) * (1 if rng.random() < 0.5 else -1)
    if not 25 < base.mean() + step < 235:
        step = -step
    return np.asarray((base + step + rng.normal(0, 14, 3)).clip(5, 250))


def _rounded_skin(rng: Rng, look: Look, base: Colour, half: float) -> Skin:
    """A surface curved about the x axis: bright along a line, darker at the sides."""
    skin = draw_skin(rng, look, base, calm=rng.random() < 0.8)
    if rng.random() < 0.15:
        return skin
    pattern = draw_pattern(rng, CALM)
    texture = coloured(pattern, draw_palette(rng, base, rng.uniform(0.05, 0.5)))
    flat = lay(texture, 1.5, look.size)
    side = flat.texture.shape[0]
    across = np.linspace(-1, 1, side)
    glint = np.exp(-(((across - rng.uniform(-0.5, 0.5)) / rng.uniform(0.12, 0.4)) ** 2))
    gain = 1 - rng.uniform(0.2, 0.6) * across**2 + rng.uniform(0, 0.35) * glint
    lit = (flat.texture * gain[:, None, None]).clip(0, 252).astype(np.uint8)
    matrix = flat.to_texture.copy()
    matrix[1] = (0, (side / 2 - 1) / (half * 1.25), side / 2)
    return replace(skin, texture=lit, to_texture=matrix, rim=None, bevel=skin.bevel * 0.5)


def _banded(rng: Rng, skin: Skin, width: float) -> Skin:
    """Dark or bright bands across, as depth marks and seams are."""
    texture: Image = skin.texture.copy()
    side = texture.shape[1]
    per_world = float(skin.to_texture[0, 0])
    start = side / 2 - per_world * width * rng.uniform(0.1, 0.3)
    thick = max(1, round(per_world * width * rng.uniform(0.08, 0.35)))
    gap = thick * rng.uniform(2, 5)
    grey = int(rng.choice([20, 40, 215, 235]))
    for band in range(int(rng.integers(1, 4))):
        right = round(start - band * gap)
        cv2.rectangle(texture, (right - thick, 0), (right, side), (grey, grey, grey), -1)
    return replace(skin, texture=texture)


def _profile(rng: Rng, us: Floats) -> Floats:
    """Half widths along a segment: straight, tapered or bellied."""
    share = (us - us[0]) / (us[-1] - us[0])
    taper, belly = rng.uniform(-0.5, 0.3), rng.uniform(-0.2, 0.3)
    return np.asarray(0.85 + taper * share + belly * np.sin(np.pi * share))
