"""JSON documents with a value in them that nobody wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

RUBBISH = [
    "null",
    "true",
    "-1",
    "1e400",
    "1e-400",
    "9" * 30,
    "9" * 5000,
    "NaN",
    '""',
    '"../../x"',
    '"\\ud800"',
    '"\\u0000"',
    f'"{"x" * 5000}"',
    "[]",
    "{}",
    "[null, {}]",
    '{"a": null}',
    "[" * 5000 + "]" * 5000,
]
MARK = "\x01"


def changed(document: Any) -> Iterator[str]:
    """Yield the document with one value after the other replaced by rubbish, or left out."""
    for path in paths_in(document):
        for rubbish in RUBBISH:
            yield json.dumps(with_value(document, path, MARK)).replace(json.dumps(MARK), rubbish)
        yield json.dumps(with_value(document, path, None, leave_out=True))


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in rows:
        yield (*path, name)
        if isinstance(inner, dict | list):
            yield from paths_in(inner, (*path, name))


def with_value(value: Any, path: tuple[Any, ...], new: Any, *, leave_out: bool = False) -> Any:
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) > 1:
        copy[path[0]] = with_value(value[path[0]], path[1:], new, leave_out=leave_out)
    elif leave_out:
        del copy[path[0]]
    else:
        copy[path[0]] = new
    return copy
