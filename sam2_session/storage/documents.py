"""Reads this program's own JSON files, which a bad disk may have changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import orjson

from sam2_session.core.errors import SessionError

MAX_BYTES = 64 * 1024 * 1024  # the times of 100,000 frames take 3 MB
# raised on values of another shape than this program writes
SHAPE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, SessionError)

log = logging.getLogger(__name__)
T = TypeVar("T")


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


def parse_document(path: Path, parse: Callable[[dict[str, Any]], T]) -> T | None:
    """Read a JSON object and parse its values; None if it is missing, or cannot be read or parsed.

    A file that is there and cannot be read is logged and left alone: it must not stop the others.
    """
    try:
        return parse(read_document(path))
    except FileNotFoundError:
        return None
    except (OSError, *SHAPE_ERRORS) as error:
        log.warning("%s cannot be read and is left alone: %.200r", path, error)
        return None
