"""Gives errors the hint that fits a notebook."""

from __future__ import annotations

from typing import TypeVar

from sam2_session.core.errors import SessionError

E = TypeVar("E", bound=SessionError)


def hinted(error: E, hint: str) -> E:
    """Replace the hint of an error, also in its traceback; returns it."""
    error.hint = hint
    error.__notes__ = [hint]
    return error
