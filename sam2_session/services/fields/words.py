"""Describes in plain words which field is wrong and what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import inspect

from sam2_session.core.errors import InvalidPrompt, InvalidRequest

MESSAGE = re.compile(r"^(?P<what>.*?)(?: - at `\$?\.?(?P<path>.*?)`)?$", re.DOTALL)
MISSING = re.compile(r"Object missing required field `(\w+)`")
UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
STEPS = re.compile(r"\w+|\[(?:\d+|\.\.\.)?\]")
MAX_SHOWN = 80  # characters of a foreign name in a message
MAX_INT = 2**53 - 1  # messages leave this upper bound out


def field_error(kind: type[msgspec.Struct], error: msgspec.ValidationError) -> InvalidRequest:
    """Name the wrong field; the error's code follows from the field's type."""
    if isinstance(
        error.__cause__, ValueError
    ):  # raised by a check of the struct itself, with its own message
        return InvalidRequest(str(error.__cause__))
    match = MESSAGE.match(str(error))
    what, path = (match["what"], match["path"] or "") if match else (str(error), "")
    if unknown := UNKNOWN.match(what):
        return _unknown_field(kind, unknown[1])
    if missing := MISSING.match(what):
        path = f"{path}.{missing[1]}" if path else missing[1]
    steps = [step for step in STEPS.findall(path)]
    wanted, code = _find(inspect.type_info(kind), steps)
    name = re.sub(r"\[\.\.\.\]", "", path) or "The request"
    error_type = InvalidPrompt if code == InvalidPrompt.code else InvalidRequest
    return error_type(f"{name} must be {words_of(wanted)}.")


def words_of(wanted: inspect.Type) -> str:
    """Describe a type: ``a whole number of 0 or more``."""
    describe = DESCRIPTIONS.get(type(wanted))
    return describe(wanted) if describe else "a JSON value"


def _unknown_field(kind: type[msgspec.Struct], name: str) -> InvalidRequest:
    known = ", ".join(kind.__struct_encode_fields__)
    return InvalidRequest(f"There is no field {name[:MAX_SHOWN]!r}.", hint=f"Fields are {known}.")


def _find(wanted: inspect.Type, steps: list[str]) -> tuple[inspect.Type, str | None]:
    """Find the type at a path, and the error code that the types along the path carry."""
    code: str | None = None
    for step in [*steps, ""]:
        code = _code_of(wanted) or code
        inner = _inside(wanted, step) if step else None
        if inner is None:
            break
        wanted = inner
    return wanted, code


def _inside(wanted: inspect.Type, step: str) -> inspect.Type | None:
    match wanted:
        case inspect.Metadata():
            return _inside(wanted.type, step)
        case inspect.UnionType():
            found = (_inside(choice, step) for choice in wanted.types)
            return next((inner for inner in found if inner is not None), None)
        case inspect.StructType() if not step.startswith("["):
            types = {field.encode_name: field.type for field in wanted.fields}
            return types.get(step)
        case inspect.ListType() if step.startswith("["):
            return wanted.item_type
        case inspect.TupleType() if step[1:-1].isdigit():
            return wanted.item_types[min(int(step[1:-1]), len(wanted.item_types) - 1)]
        case _:
            return None


def _code_of(wanted: inspect.Type) -> str | None:
    match wanted:
        case inspect.Metadata():
            return (wanted.extra or {}).get("code") or _code_of(wanted.type)
        case inspect.UnionType():
            return next(filter(None, map(_code_of, wanted.types)), None)
        case _:
            return None


def _of_metadata(wanted: Any) -> str:
    extra = wanted.extra or {}
    return str(extra["words"]) if "words" in extra else words_of(wanted.type)


def _of_union(wanted: Any) -> str:
    return _either(
        "null" if isinstance(choice, inspect.NoneType) else words_of(choice)
        for choice in wanted.types
    )


def _of_text(wanted: Any) -> str:
    if wanted.max_length is None:
        return "a text"
    kind = "a printable text" if wanted.pattern else "a text"
    return f"{kind} of {wanted.min_length or 0} to {wanted.max_length} characters"


def _of_integer(wanted: Any) -> str:
    if wanted.ge is not None and wanted.le is not None and wanted.le < MAX_INT:
        return f"a whole number from {wanted.ge} to {wanted.le}"
    return "a whole number" + (f" of {wanted.ge} or more" if wanted.ge is not None else "")


def _of_list(wanted: Any) -> str:
    low, high = wanted.min_length, wanted.max_length
    least = f" of {low} or more" if low else ""
    length = f" of {low or 0} to {high}" if high is not None else least
    return f"a list{length}, each {words_of(wanted.item_type)}"


def _of_object(wanted: Any) -> str:
    return f"an object {{{', '.join(field.encode_name for field in wanted.fields)}}}"


def _either(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


DESCRIPTIONS: dict[type[inspect.Type], Callable[[Any], str]] = {
    inspect.Metadata: _of_metadata,
    inspect.UnionType: _of_union,
    inspect.IntType: _of_integer,
    inspect.FloatType: lambda _: "a finite number",
    inspect.StrType: _of_text,
    inspect.BoolType: lambda _: "true or false",
    inspect.BytesType: lambda _: "bytes",
    inspect.LiteralType: lambda wanted: _either(sorted(map(str, wanted.values))),
    inspect.EnumType: lambda wanted: _either(member.value for member in wanted.cls),
    inspect.ListType: _of_list,
    inspect.TupleType: lambda wanted: f"[{', '.join(map(words_of, wanted.item_types))}]",
    inspect.StructType: _of_object,
    inspect.DictType: lambda _: "an object",
}
