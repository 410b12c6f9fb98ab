"""Makes every route declare one line of text and who may use it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from sam2_session.services.fields.fields import Fields
from sam2_session.services.operations.operation import Access

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declaration:
    """Describes a route. For the route of an operation, the operation holds fields and answer."""

    text: str
    access: Access
    answer: str = ""  # a media type, or empty for JSON
    query: tuple[str, ...] = ()
    body: type[Fields] | None = None


class UndeclaredRoute(RuntimeError):
    """A route was added without `declare`: the server refuses to start."""


class WebFlask(Flask):
    """A Flask whose OPTIONS names the methods of the path's own routes."""

    def make_default_options_response(self) -> Response:
        """Leave out routes that take the path for a name, as ``/videos/{id}`` does ``restore``."""
        asked = request.url_rule
        if asked is None:
            return super().make_default_options_response()
        rules = self.url_map.iter_rules()
        found = [rule.methods or set() for rule in rules if rule.rule == asked.rule]
        response = self.response_class()
        response.allow.update(sorted(set().union(*found)))
        return response


class IndexConverter(IntegerConverter):
    """Accepts an id or index of at most nine digits, so that no path makes a huge number."""

    regex = r"[0-9]{1,9}"  # \d would take digits of any script, and give a frame several URLs


def declare(text: str, *, access: Access = Access.VIEW, **rest: Any) -> Callable[[View], View]:
    """Declare a view function, below the route decorator; `rest` holds fields of `Declaration`."""

    def mark(view: View) -> View:
        view.__dict__["declaration"] = Declaration(text, access, **rest)
        return view

    return mark


def declaration_of(app: Flask, endpoint: str) -> Declaration:
    """Return the declaration of a view. Raises UndeclaredRoute."""
    declared = vars(app.view_functions[endpoint]).get("declaration")
    if not isinstance(declared, Declaration):
        raise UndeclaredRoute(f"{endpoint} does not say who may use it")
    return declared


def check_all_declared(app: Flask) -> None:
    """Raise UndeclaredRoute unless every route says who may use it."""
    for rule in app.url_map.iter_rules():
        declaration_of(app, rule.endpoint)


def declared_access(app: Flask, environ: dict[str, Any]) -> Access:
    """Return what a request's route asks for; a path without a route can be looked at."""
    try:
        endpoint, _ = app.url_map.bind_to_environ(environ).match()
    except HTTPException:
        return Access.VIEW
    return declaration_of(app, endpoint).access
