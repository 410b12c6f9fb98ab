"""Reads numbers from files and containers with bounds, so that none costs time or breaks a list."""

from __future__ import annotations

import re
from fractions import Fraction

MAX_RATE = 1000  # frames per second; a higher value in a file is wrong
MIN_RATE = Fraction(1, 86_400)  # one frame a day
MAX_PIXEL_ASPECT = 8  # pixels eight times as wide as high; a higher value in a file is wrong
MAX_TIME_BASE = Fraction(86_400)  # seconds
MAX_WHOLE = 10**20
MAX_TIME_S = 1e11  # since 1970: in 3,000 years
# Fraction("1e2000000000") computes the power of ten before anybody can compare it
PLAIN_NUMBER = re.compile(r"[0-9]{1,20}(/[0-9]{1,20}|\.[0-9]{0,20})?")


def rate_of(value: object) -> Fraction | None:
    """Read frames per second from a number, ``"29.97"`` or ``"30000/1001"``; else None."""
    rate = _fraction(value)
    return rate if rate is not None and is_rate(rate) else None


def is_rate(rate: Fraction) -> bool:
    """Return whether this many frames per second make sense."""
    return MIN_RATE <= rate <= MAX_RATE


def pixel_aspect_of(value: object) -> Fraction | None:
    """Read the width of a pixel over its height from ``"64/45"``; else None."""
    aspect = _fraction(value)
    return aspect if aspect is not None and is_pixel_aspect(aspect) else None


def is_pixel_aspect(aspect: Fraction) -> bool:
    """Return whether pixels of this shape make sense."""
    return Fraction(1, MAX_PIXEL_ASPECT) <= aspect <= MAX_PIXEL_ASPECT


def time_base_of(value: object) -> Fraction | None:
    """Read the seconds that one unit of a timestamp lasts, like ``"1/90000"``; else None."""
    base = _fraction(value)
    return base if base is not None and 0 < base <= MAX_TIME_BASE else None


def count_of(value: object, most: int) -> int | None:
    """Read a whole number from 0 to `most`; else None."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= most else None


def number_of(value: object, most: float) -> float | None:
    """Read a number from 0 to `most`; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= most else None


def _fraction(value: object) -> Fraction | None:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int):  # written out, a monstrous one costs seconds
        return Fraction(value) if 0 <= value <= MAX_WHOLE else None
    text = str(value) if isinstance(value, str | float) else ""
    try:
        return Fraction(text) if PLAIN_NUMBER.fullmatch(text) else None
    except ZeroDivisionError:
        return None
