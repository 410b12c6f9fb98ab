"""Reads JSON from outside: size limits before parsing, and checked values after it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from sam2_session.core.errors import TooLarge, UnsupportedImport

THE_FILE = "The file"  # an upload lies under a name that says nothing
MAX_JSON_BYTES = 256 * 1024 * 1024
MAX_CONTAINERS = 4_000_000  # lists and objects: each takes fifty bytes or more in memory
MAX_HAND_MADE_BYTES = 8 * 1024 * 1024  # larger files come from programs: no duplicate names
BOM = b"\xef\xbb\xbf"  # byte order mark of UTF-8
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # byte order marks
MAX_NUMBER = 1e9  # larger numbers mean nothing in a video
Numbers = npt.NDArray[np.float64]


def load_json(data: bytes, name: str = THE_FILE) -> Any:
    """Parse JSON. Raises `TooLarge` before parsing, `UnsupportedImport` if it is not JSON."""
    if len(data) > MAX_JSON_BYTES:
        raise too_large(name)
    require_few_containers(data, name)
    require_utf_8(data, name)
    text_utf8 = data.removeprefix(BOM)
    try:
        document = orjson.loads(text_utf8)
    except ValueError as error:
        raise UnsupportedImport(
            f"{name} is no JSON: {error}.", hint="It may have been cut short; export it again."
        ) from error
    if len(data) <= MAX_HAND_MADE_BYTES:
        require_names_once(text_utf8, name)
    return document


def too_large(name: str = THE_FILE) -> TooLarge:
    """Make the error for a file over the limit."""
    return TooLarge(f"{name} is over {MAX_JSON_BYTES} bytes.", hint="Export fewer tasks.")


def require_few_containers(data: bytes, name: str = THE_FILE) -> None:
    """Refuse JSON that would fill the memory. Raises `TooLarge`."""
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS:
        raise TooLarge(
            f"{name} holds more than {MAX_CONTAINERS} points or objects.",
            hint="Export fewer tasks at once, or masks instead of outlines.",
        )


def require_utf_8(data: bytes, name: str = THE_FILE) -> None:
    """Refuse UTF-16, which its byte order mark tells. Raises `UnsupportedImport`."""
    if data.startswith(UTF_16):
        raise UnsupportedImport(f"{name} is no JSON: it is UTF-16.", hint="Save it as UTF-8.")


def require_names_once(data: bytes, name: str = THE_FILE) -> None:
    """Refuse an object with a duplicate name: parsers would silently drop one of the values.

    What is no JSON passes. Raises `UnsupportedImport`.
    """

    def check(pairs: Sequence[tuple[str, Any]]) -> None:
        if len(pairs) > len({key for key, _ in pairs}):
            raise UnsupportedImport(
                f"{name} cannot be read: an object has the same name twice.",
                hint="Mend the file; one of both would be lost.",
            )

    try:
        json.loads(data.removeprefix(BOM), object_pairs_hook=check)
    except RecursionError as error:
        raise UnsupportedImport(
            f"{name} cannot be read: it is nested too deeply.", hint="Export it again."
        ) from error
    except ValueError:
        return


def number(value: object) -> float | None:
    """Read a finite number of a sensible size, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and abs(value) <= MAX_NUMBER else None


def number_of(text: str | None) -> float | None:
    """Read a finite number of a sensible size from text, else None."""
    try:
        return number(float(text)) if text is not None else None
    except ValueError:
        return None


def numbers(data: Mapping[str, Any], *names: str) -> tuple[float, ...] | None:
    """Read several fields as numbers; None if any of them is not one."""
    found = [number(data.get(name)) for name in names]
    return None if None in found else tuple(value for value in found if value is not None)


def number_array(values: object) -> Numbers | None:
    """Read a list of finite numbers of a sensible size as an array; None for anything else."""
    if not isinstance(values, list) or not set(map(type, values)) <= {int, float}:
        return None
    try:
        found: Numbers = np.array(values, np.float64)
    except OverflowError:  # a whole number over 1e308
        return None
    return found if bool((np.abs(found) <= MAX_NUMBER).all()) else None


def point_array(values: object) -> Numbers | None:
    """Read a list of [x, y] as an array of (n, 2); None for anything else, and for no points."""
    if not isinstance(values, list) or set(map(type, values)) != {list}:
        return None
    if set(map(len, values)) != {2}:
        return None
    flat = number_array(list(chain.from_iterable(values)))
    return None if flat is None else flat.reshape(-1, 2)


def whole(value: object) -> int | None:
    """Read a whole number (4 or 4.0), else None."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def text(value: object) -> str | None:
    """Read a text that is not blank, else None."""
    return value if isinstance(value, str) and value.strip() else None


def mapping(value: object) -> Mapping[str, Any]:
    """Read an object; anything else reads as an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects in a list, leaving out everything else."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
