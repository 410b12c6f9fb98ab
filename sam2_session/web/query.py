"""Converts query arguments from text to the numbers and flags that their fields take."""

from __future__ import annotations

import math
import re
from typing import Any

from flask import Request
from msgspec import inspect

from sam2_session.services.operations.operation import Operation

FLAGS = {"1": True, "true": True, "0": False, "false": False}
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,16}")


def read_query(request: Request, operation: Operation[Any]) -> dict[str, Any]:
    """Convert the arguments that the operation's route names; others are ignored.

    Text that does not convert stays text, so that the check of the fields reports it.
    """
    names = operation.route.query if operation.route else ()
    described = inspect.type_info(operation.fields)
    types = {
        field.encode_name: field.type
        for field in (described.fields if isinstance(described, inspect.StructType) else ())
    }
    return {
        name: _convert(request.args[name], types[name]) for name in names if name in request.args
    }


def _convert(text: str, kind: inspect.Type) -> Any:
    kinds = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    for choice in kinds:
        match choice.type if isinstance(choice, inspect.Metadata) else choice:
            case inspect.IntType() if WHOLE_NUMBER.fullmatch(text):
                return int(text)
            case inspect.LiteralType(values) if text in map(str, values):
                return next(value for value in values if str(value) == text)
            case inspect.FloatType() if (number := _number(text)) is not None:
                return number
            case inspect.BoolType() if text.lower() in FLAGS:
                return FLAGS[text.lower()]
    return text


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
