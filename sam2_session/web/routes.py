"""What every route declares: who may use it, and what the OpenAPI document says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

View = TypeVar("View", bound=Callable[..., Any])


class Access(StrEnum):
    """Who may use a route: everybody, or whoever has the token."""

    PUBLIC = "public"
    TOKEN = "token"  # noqa: S105 - a kind of access, not a secret


@dataclass(frozen=True, slots=True)
class Operation:
    """One route in words; `body` and `answer` name schemas of `web/schemas.py` or media types."""

    summary: str
    access: Access
    body: str | None = None
    answer: str | None = None
    status: int = 200
    query: tuple[str, ...] = ()


class UndeclaredRoute(RuntimeError):
    """A route was added without `operation`: the server refuses to start."""


class IndexConverter(IntegerConverter):
    """An id or index of at most nine digits, so that no path makes a huge number."""

    regex = r"[0-9]{1,9}"  # \d takes the digits of every script: one frame, many addresses


def operation(
    summary: str, *, access: Access = Access.TOKEN, **rest: Any
) -> Callable[[View], View]:
    """Declare a view function; goes below the route decorator."""

    def declare(view: View) -> View:
        view.__dict__["operation"] = Operation(summary, access, **rest)
        return view

    return declare


def operation_of(app: Flask, endpoint: str) -> Operation:
    """What a view declared. Raises UndeclaredRoute."""
    declared = vars(app.view_functions[endpoint]).get("operation")
    if not isinstance(declared, Operation):
        raise UndeclaredRoute(f"{endpoint} does not say who may use it")
    return declared


def check_all_declared(app: Flask) -> None:
    """Raise UndeclaredRoute unless every route says who may use it."""
    for rule in app.url_map.iter_rules():
        operation_of(app, rule.endpoint)


def is_public(app: Flask, environ: dict[str, Any]) -> bool:
    """Whether the route of a request is open to all; what matches no route is not."""
    try:
        endpoint, _ = app.url_map.bind_to_environ(environ).match()
    except HTTPException:
        return False
    return operation_of(app, endpoint).access is Access.PUBLIC
