"""Maps the brightness and colours of HDR video to those of an ordinary screen."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

PQ, HLG = 16, 18  # transfer characteristics of ITU-T H.273
NAMES = {PQ: "PQ", HLG: "HLG"}
REFERENCE_WHITE = 203.0  # cd/m², ITU-R BT.2408: white paper
PEAK = 1000.0  # cd/m², the brightest highlight that keeps its detail
KNEE = 0.75  # of white; highlights are compressed above
# ITU-R BT.2087: linear BT.2020 to linear BT.709; rows are red, green, blue
TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
    np.float32,
)


def tone_map(rgb_hwc: npt.NDArray[np.uint16], transfer: int) -> npt.NDArray[np.uint8]:
    """Map 16-bit BT.2020 colours, coded with PQ or HLG, to 8-bit sRGB as bgr_hwc."""
    linear = _light_of_code(transfer)[rgb_hwc]  # white paper is 1
    if transfer == HLG:  # the brighter a scene, the more contrast: BT.2100, system gamma 1.2
        luminance = linear @ np.array([0.2627, 0.6780, 0.0593], np.float32)
        linear = linear * np.power(np.maximum(luminance, 1e-6), 0.2)[..., None]
        linear = linear * np.float32(PEAK / REFERENCE_WHITE)
    linear = np.maximum(linear @ TO_BT709.T, 0)
    brightest = linear.max(axis=2, keepdims=True)
    linear = linear * (_compressed(brightest) / np.maximum(brightest, 1e-6))  # keeps the hue
    steps = np.rint(np.clip(linear, 0, 1) * 4095).astype(np.uint16)
    bgr_hwc: npt.NDArray[np.uint8] = _code_of_light()[steps[..., ::-1]]
    return bgr_hwc


def _compressed(light: Floats) -> Floats:
    """Leave light below the knee as it is, and bend what is above so that the peak becomes 1."""
    span = 1 - KNEE
    above = np.clip(light - KNEE, 0, PEAK / REFERENCE_WHITE - KNEE) / span
    most = (PEAK / REFERENCE_WHITE - KNEE) / span
    bent = KNEE + span * above / (above + 1) * (most + 1) / most
    return np.where(light > KNEE, bent, light).astype(np.float32)


@cache
def _light_of_code(transfer: int) -> Floats:
    """Linear light of each 16-bit code; of PQ in units of white, of HLG from 0 to 1."""
    code = np.linspace(0, 1, 65536)
    if transfer == PQ:
        power = np.power(code, 1 / 78.84375)
        light = np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
        return (np.power(light, 1 / 0.1593017578125) * 10_000 / REFERENCE_WHITE).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    dark, bright = code * code / 3, (np.exp((code - c) / a) + b) / 12
    return np.where(code <= 0.5, dark, bright).astype(np.float32)


@cache
def _code_of_light() -> npt.NDArray[np.uint8]:
    """Return the sRGB code of each of 4096 steps of light."""
    light = np.linspace(0, 1, 4096)
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.power(light, 1 / 2.4) - 0.055)
    codes: npt.NDArray[np.uint8] = np.rint(code * 255).astype(np.uint8)
    return codes
