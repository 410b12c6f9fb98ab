"""Query arguments, strictly read."""

from __future__ import annotations

import math
import re

from flask import Request

from sam2_session.core.errors import InvalidRequest

MAX_INTEGER = 2**53 - 1  # what JavaScript counts exactly


def integer_argument(
    request: Request, name: str, *, low: int = 0, high: int = MAX_INTEGER
) -> int | None:
    """A whole number within bounds, or None if it is not given. Raises InvalidRequest."""
    text = request.args.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,16}", text) or not low <= int(text) <= high:
        raise InvalidRequest(f"{name} must be a whole number from {low} to {high}.")
    return int(text)


def number_argument(request: Request, name: str) -> float | None:
    """A finite number, or None if it is not given. Raises InvalidRequest."""
    text = request.args.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidRequest(f"{name} must be a number.")
    return value
