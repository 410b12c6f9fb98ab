"""Surfaces: a bank of grey patterns, and palettes that colour them."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from training.scenes.spec import Floats, Grey, Image, Rng

TILE = 192  # pixels a side of a pattern
VARIANTS = 10
BANK_SEED = 20_240
Colour = Floats  # (3,): red, green, blue, 0 to 255
Palette = npt.NDArray[np.uint8]  # (256, 1, 3)

PATTERNS = (
    "cloud", "grain", "stripes", "checks", "wood", "marble", "dots", "stones", "scratches", "weave",
)  # fmt: skip
CALM = ("cloud", "grain", "marble", "scratches")


@lru_cache(maxsize=1)
def bank() -> dict[str, tuple[Grey, ...]]:
    """All patterns, by name; drawn once, always the same."""
    rng = np.random.default_rng(BANK_SEED)
    makers = {
        "cloud": _cloud, "grain": _grain, "stripes": _stripes, "checks": _checks, "wood": _wood,
        "marble": _marble, "dots": _dots, "stones": _stones, "scratches": _scratches,
        "weave": _weave,
    }  # fmt: skip
    return {name: tuple(_levelled(makers[name](rng)) for _ in range(VARIANTS)) for name in PATTERNS}


def draw_pattern(rng: Rng, names: tuple[str, ...] = PATTERNS) -> Grey:
    """A pattern from the bank, turned or mirrored, (TILE, TILE)."""
    name = names[rng.integers(len(names))]
    pattern = bank()[name][rng.integers(VARIANTS)]
    turns, mirrored = int(rng.integers(4)), bool(rng.integers(2))
    turned = np.rot90(pattern, turns)
    return np.ascontiguousarray(turned[:, ::-1] if mirrored else turned)


def draw_colour(rng: Rng, *, vivid: float = 0.3) -> Colour:
    """Metal and plastic greys, muted colours and, with chance `vivid`, strong ones."""
    hue, pick = rng.uniform(0, 180), rng.random()
    if pick < vivid:
        saturation, value = rng.uniform(130, 245), rng.uniform(110, 250)
    elif pick < vivid + 0.3:
        saturation, value = rng.uniform(0, 40), rng.uniform(25, 245)
    else:
        saturation, value = rng.uniform(35, 140), rng.uniform(50, 235)
    return hsv(hue, saturation, value)


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour from hue (0 to 180), saturation and value (0 to 255)."""
    pixel = np.array([[[hue % 180, saturation, value]]]).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0], np.float64)


def draw_palette(rng: Rng, base: Colour, contrast: float, *, hard_edges: float = 0.25) -> Palette:
    """Colours about `base`; `contrast` 0 is one colour, 1 is dark to light or two-tone."""
    tint = rng.normal(0, 22, 3) * contrast
    depth = contrast * rng.uniform(25, 75)
    low, high = base - depth + tint, base + depth * rng.uniform(0.4, 1) - tint
    ramp = np.linspace(0, 1, 256)
    if rng.random() < hard_edges:  # two tones
        edge = rng.uniform(0.35, 0.65)
        ramp = ((ramp - edge) * rng.uniform(4, 12) + 0.5).clip(0, 1)
    if rng.random() < 0.25:  # a third tone between
        middle = base + rng.normal(0, 45, 3) * contrast
        stops = np.stack([low, middle, high])
        at = ramp * 2
        colours = np.stack([np.interp(at, [0, 1, 2], stops[:, c]) for c in range(3)], -1)
    else:
        colours = low + ramp[:, None] * (high - low)
    return np.asarray(colours.clip(4, 251).round(), np.uint8)[:, None, :]


def coloured(pattern: Grey, palette: Palette) -> Image:
    """Each grey in its colour of the palette."""
    return np.asarray(cv2.applyColorMap(pattern, palette), np.uint8)


def noise(rng: Rng, cells: tuple[int, ...], size: int = TILE, fall: float = 0.5) -> Floats:
    """Smooth noise about 0: random grids of several sizes, blown up and added."""
    total = np.zeros((size, size))
    for order, count in enumerate(cells):
        grid = rng.uniform(-1, 1, (count, count))
        total += cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC) * fall**order
    return total


def _levelled(field: Floats) -> Grey:
    low, high = np.percentile(field, (1, 99))
    return np.asarray(((field - low) / max(high - low, 1e-6) * 255).clip(0, 255), np.uint8)


def _grid(rng: Rng) -> tuple[Floats, Floats]:
    """Pixel coordinates -1 to 1, turned and bent a little."""
    x, y = np.meshgrid(np.linspace(-1, 1, TILE), np.linspace(-1, 1, TILE))
    angle, bend = rng.uniform(0, np.pi), rng.uniform(0, 0.12)
    x, y = x + bend * noise(rng, (3, 6)), y + bend * noise(rng, (3, 6))
    return x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)


def _cloud(rng: Rng) -> Floats:
    first = int(rng.integers(3, 8))
    cells = tuple(min(first * 2**order, TILE) for order in range(5))
    return noise(rng, cells, fall=rng.uniform(0.45, 0.75))


def _grain(rng: Rng) -> Floats:
    fine = rng.normal(0, 1, (TILE, TILE))
    fine = np.asarray(cv2.GaussianBlur(fine, (0, 0), rng.uniform(0.8, 2.2)), np.float64)
    return np.asarray(fine / fine.std() + rng.uniform(0.2, 1.5) * noise(rng, (4, 9)))


def _stripes(rng: Rng) -> Floats:
    x, _ = _grid(rng)
    wave = np.sin(x * rng.uniform(8, 45))
    return np.tanh(wave * rng.uniform(0.5, 5)) + rng.uniform(0, 0.5) * noise(rng, (6, 13, 40))


def _checks(rng: Rng) -> Floats:
    x, y = _grid(rng)
    rate = rng.uniform(8, 24)
    wave = np.sin(x * rate) * np.sin(y * rate * rng.uniform(0.6, 1.4))
    return np.tanh(wave * rng.uniform(2, 8)) + rng.uniform(0, 0.5) * noise(rng, (6, 13, 40))


def _wood(rng: Rng) -> Floats:
    x, y = _grid(rng)
    rings = np.hypot(x * rng.uniform(0.8, 1.5), y * 0.15) + 0.08 * noise(rng, (3, 5))
    grain = cv2.GaussianBlur(rng.normal(0, 1, (TILE, TILE)), (0, 0), sigmaX=9, sigmaY=0.8)
    return np.sin(rings * rng.uniform(20, 60)) + 3 * grain


def _marble(rng: Rng) -> Floats:
    field = noise(rng, (3, 6, 12, 24))
    return -np.abs(np.sin(field * rng.uniform(2, 6))) + 0.25 * noise(rng, (16, 48))


def _dots(rng: Rng) -> Floats:
    field = np.zeros((TILE, TILE))
    radius = rng.integers(1, 7)
    for x, y in rng.integers(0, TILE, (int(rng.integers(60, 260)), 2)):
        cv2.circle(field, (int(x), int(y)), int(radius), rng.uniform(0.5, 1), -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(field, (0, 0), 0.8)) + 0.15 * noise(rng, (5, 20))


def _stones(rng: Rng) -> Floats:
    field = np.full((TILE, TILE), 255, np.uint8)
    points = rng.integers(0, TILE, (int(rng.integers(25, 160)), 2))
    field[points[:, 0], points[:, 1]] = 0
    distance = np.asarray(cv2.distanceTransform(field, cv2.DIST_L2, 5), np.float64)
    return np.asarray(distance / distance.max() + 0.1 * noise(rng, (10, 40)))


def _scratches(rng: Rng) -> Floats:
    field = np.zeros((TILE, TILE))
    lean = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(20, 110))):
        x, y = rng.uniform(0, TILE, 2)
        angle, length = lean + rng.normal(0, 0.3), rng.uniform(10, 90)
        end = (int(x + length * np.cos(angle)), int(y + length * np.sin(angle)))
        cv2.line(field, (int(x), int(y)), end, rng.uniform(-1, 1), 1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(field, (0, 0), 0.7)) + 0.3 * noise(rng, (5, 11, 60))


def _weave(rng: Rng) -> Floats:
    x, y = _grid(rng)
    rate = rng.uniform(25, 70)
    over = np.sin(x * rate * 0.5) * np.sin(y * rate * 0.5) > 0
    thread = np.where(over, np.sin(x * rate) ** 2, np.sin(y * rate) ** 2)
    return thread + 0.3 * noise(rng, (5, 11, 60))
