"""Reads this program's own JSON files, which a bad disk may have changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

MAX_BYTES = 64 * 1024 * 1024  # the times of 100,000 frames take 3 MB


def read_document(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises ValueError if it is none, or far too long; OSError.

    Nested or long numbers cannot exhaust anything: orjson refuses more than 1,024 levels, and reads
    a whole number of more than 64 bits as a float.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{path.name} has {size} bytes")
    value = orjson.loads(path.read_bytes())
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} is not a JSON object")
    return value
