"""JSON as it comes from elsewhere: bounded before it is read, and read without surprises."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from sam2_session.core.errors import TooLarge, UnsupportedImport

MAX_JSON_BYTES = 256 * 1024 * 1024
MAX_CONTAINERS = 4_000_000  # lists and objects: each takes fifty bytes and more once it is read
MAX_HAND_MADE_BYTES = 8 * 1024 * 1024  # larger ones are written by programs, names once each
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # as it begins
MAX_NUMBER = 1e9  # larger ones are no place in any video


def load_json(data: bytes, name: str = "The file") -> Any:
    """Parse JSON. Raises `TooLarge` before it is parsed, `UnsupportedImport` if it is none."""
    if len(data) > MAX_JSON_BYTES:
        raise TooLarge(f"{name} is over {MAX_JSON_BYTES} bytes.", hint="Export fewer tasks.")
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS:
        raise TooLarge(
            f"{name} holds more than {MAX_CONTAINERS} points or objects.",
            hint="Export fewer tasks at once, or masks instead of outlines.",
        )
    if data.startswith(UTF_16):
        raise UnsupportedImport(f"{name} is no JSON: it is UTF-16.", hint="Save it as UTF-8.")
    text_utf8 = data.removeprefix(b"\xef\xbb\xbf")
    try:
        document = orjson.loads(text_utf8)
    except ValueError as error:
        raise UnsupportedImport(
            f"{name} is no JSON: {error}.", hint="It may have been cut short; export it again."
        ) from error
    if len(data) <= MAX_HAND_MADE_BYTES:
        _require_names_once(text_utf8, name)
    return document


def _require_names_once(data: bytes, name: str) -> None:
    """Of a name that is there twice every parser keeps one, and the other is lost unseen."""

    def check(pairs: Sequence[tuple[str, Any]]) -> None:
        if len(pairs) > len({key for key, _ in pairs}):
            raise ValueError("an object has the same name twice")

    try:
        json.loads(data, object_pairs_hook=check)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise UnsupportedImport(
            f"{name} cannot be read: {reason}.", hint="Mend the file; one of both would be lost."
        ) from error


def number(value: object) -> float | None:
    """A finite number of a sensible size, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) <= MAX_NUMBER else None


def number_of(text: str | None) -> float | None:
    """A finite number of a sensible size written as text, else None."""
    try:
        return number(float(text)) if text is not None else None
    except ValueError:
        return None


def numbers(data: Mapping[str, Any], *names: str) -> tuple[float, ...] | None:
    """These fields as numbers, or None if one of them is not."""
    found = [number(data.get(name)) for name in names]
    return None if None in found else tuple(value for value in found if value is not None)


def whole(value: object) -> int | None:
    """A whole number (4 and 4.0 alike), else None."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def text(value: object) -> str | None:
    """A text that is not empty, else None."""
    return value if isinstance(value, str) and value.strip() else None


def mapping(value: object) -> Mapping[str, Any]:
    """An object; anything else reads as an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects in a list; whatever else there is, is left out."""
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))
