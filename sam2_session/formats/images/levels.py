"""Scales pictures of more than 8 bits: one black and one white for a whole sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.formats.importing.json_input import number
from sam2_session.formats.importing.plan import safe_text

SAMPLES = 64  # pictures that are looked at to find the largest value
FULL_16_BITS = 65535
MAX_VALUE = 1e20


@dataclass(frozen=True, slots=True)
class Levels:
    """The values that become black and white."""

    black: float
    white: float

    def apply(self, image: cv2.typing.MatLike) -> cv2.typing.MatLike:
        """Scale an image to 8 bits; one that has 8 bits stays as it is."""
        if image.dtype == np.uint8:
            return image
        values = np.nan_to_num(image.astype(np.float32), nan=self.black)
        scaled = (values - self.black) * np.float32(255 / (self.white - self.black))
        eight_bits: npt.NDArray[np.uint8] = np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
        return eight_bits

    @property
    def note(self) -> str | None:
        """Say how values are scaled; None where nothing else could be meant."""
        if (self.black, self.white) in ((0, FULL_16_BITS), (0, 255)):
            return None
        return (
            f"The pictures have more than 8 bits: in all of them {self.black:g} becomes black and "
            f'{self.white:g} white. For other limits put {{"black": 0, "white": 4095}} into a '
            "frames.json beside them."
        )


def with_three_channels(image: cv2.typing.MatLike) -> cv2.typing.MatLike:
    """Make an image as stored bgr_hwc: grey three times, without transparency."""
    if image.ndim == 2 or image.shape[2] < 3:
        grey_hw = image if image.ndim == 2 else image[..., 0]
        return np.repeat(grey_hw[..., None], 3, axis=2)
    return np.ascontiguousarray(image[..., :3])


def find_levels(images: Iterable[cv2.typing.MatLike]) -> Levels:
    """Find black and white from some pictures of a sequence.

    Whole numbers are taken to have the fewest bits that hold the largest of them.
    """
    low, high, whole = 0.0, 0.0, True
    for image in images:
        values = np.nan_to_num(image.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
        low, high = min(low, float(values.min())), max(high, float(values.max()))
        whole = whole and not np.issubdtype(image.dtype, np.floating)
    if whole and low >= 0:
        return Levels(0, 2 ** max(8, int(high).bit_length()) - 1)
    ceiling = next((limit for limit in (1.0, 255.0) if 0 < high <= limit), high)
    return Levels(low, ceiling) if ceiling > low else Levels(low, low + 1)


def chosen_levels(data: Mapping[str, Any], found: Levels) -> Levels:
    """Take over `black` and `white` from a frames.json. Raises `UnsupportedVideo`."""
    values = {"black": found.black, "white": found.white}
    for name in values:
        if name in data:
            value = number(data[name])
            if value is None or abs(value) > MAX_VALUE:
                raise UnsupportedVideo(
                    f"{name} in frames.json is {safe_text(data[name], 40)!r}.",
                    hint='Like {"black": 0, "white": 4095}.',
                )
            values[name] = value
    if not values["black"] < values["white"]:
        raise UnsupportedVideo(
            "In frames.json, black is not below white.", hint='Like {"black": 0, "white": 4095}.'
        )
    return Levels(values["black"], values["white"])
