"""Computes the colour of a region: a shade of its instance's colour.

Works in OKLab: lightness from 0 to 1, chroma from 0 to about 0.3, hue in radians.
`static/js/core/colour.js` does the same for the page; a test compares the two.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

# Lightness added to the instance's colour for each region, within LIGHTEST and DARKEST.
STEPS = (0, 0.13, -0.14, 0.26, -0.27, -0.4)
LIGHTEST, DARKEST = 0.95, 0.41
# Once these are used up: the hue turned by so many degrees, and lightness added.
TURNS = ((0, 0.0), (40, -0.06), (-40, -0.06), (75, 0.0), (-75, 0.0))
CHROMA_STEP = 0.94  # chroma is multiplied by this until a screen can show the colour
ROUNDING = 0.002  # linear light beyond 0 and 1 that rounding hides

LinearRgb = npt.NDArray[np.float64]  # (3,)

TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
    ]
)
FROM_LAB = np.array(
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.291485548],
    ]
)
FROM_CONES = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.707614701],
    ]
)


def shade(colour: str, region_at: int) -> str:
    """Shade an instance's colour for the region at index `region_at`; colours are ``#rrggbb``."""
    lightness, chroma, hue = _oklch(colour)
    levels = [
        level
        for step in STEPS
        if (level := lightness + step) == lightness or DARKEST <= level <= LIGHTEST
    ]
    turn_at, at = divmod(max(0, region_at) % (len(TURNS) * len(levels)), len(levels))
    if turn_at == at == 0:
        return colour
    turn, down = TURNS[turn_at]
    return _hex(levels[at] + down, chroma, hue + math.radians(turn))


def _oklch(colour: str) -> tuple[float, float, float]:
    values = np.frombuffer(bytes.fromhex(colour[1:]), np.uint8) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    lightness, a, b = TO_LAB @ np.cbrt(TO_CONES @ linear)
    return float(lightness), math.hypot(a, b), math.atan2(b, a)


def _hex(lightness: float, chroma: float, hue: float) -> str:
    """Convert to the nearest colour a screen can show: same lightness and hue, less chroma."""
    strength = chroma
    while True:
        linear = _linear(lightness, strength * math.cos(hue), strength * math.sin(hue))
        if strength < 0.005 or ((linear >= -ROUNDING) & (linear <= 1 + ROUNDING)).all():
            break
        strength *= CHROMA_STEP
    light = np.clip(linear, 0, 1)
    values = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{math.floor(255 * value + 0.5):02x}" for value in values)


def _linear(lightness: float, a: float, b: float) -> LinearRgb:
    linear: LinearRgb = FROM_CONES @ (FROM_LAB @ np.array([lightness, a, b])) ** 3
    return linear
