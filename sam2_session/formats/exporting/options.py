"""Describes the options of a format, one row each; the page builds its form from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sam2_session.core.errors import InvalidRequest

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MAX_TEXT_CHARS = 500

Value = bool | int | float | str
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class FormatOption:
    """One option: the type of its default is its type; `choices` or bounds narrow it."""

    name: str
    default: Value
    help: str
    choices: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    is_colour: bool = False

    @property
    def kind(self) -> str:
        """Kind of form field: ``choice``, ``colour``, ``bool``, ``int``, ``float`` or ``text``."""
        if self.choices:
            return "choice"
        if self.is_colour:
            return "colour"
        return {bool: "bool", int: "int", float: "float"}.get(type(self.default), "text")

    def to_wire(self) -> dict[str, Any]:
        """Describe the option to the page."""
        return {
            "name": self.name,
            "kind": self.kind,
            "default": self.default,
            "help": self.help,
            "choices": list(self.choices),
            "low": self.low,
            "high": self.high,
        }

    def read(self, value: Any) -> Value:
        """Check a value from JSON. Raises `InvalidRequest`."""
        if isinstance(self.default, float) and type(value) is int:
            value = float(value)
        if type(value) is not type(self.default):
            raise InvalidRequest(f"{self.name} must be {self._expected()}, not {value!r}."[:300])
        if not self._allows(value):
            raise InvalidRequest(f"{self.name} must be {self._expected()}, not {value!r}."[:300])
        checked: Value = value
        return checked

    def parse(self, text: str) -> Value:
        """Read a value from the command line. Raises `InvalidRequest`."""
        if isinstance(self.default, bool):
            words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
            return self.read(words.get(text.lower(), text))
        if isinstance(self.default, int | float):
            try:
                return self.read(type(self.default)(text))
            except ValueError:
                return self.read(text)
        return self.read(text)

    def _allows(self, value: Any) -> bool:
        if self.choices:
            return value in self.choices
        if isinstance(value, str):
            plain = len(value) <= MAX_TEXT_CHARS and (value.isprintable() or not value)
            return plain and (not self.is_colour or COLOUR.fullmatch(value) is not None)
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)

    def _expected(self) -> str:
        if self.choices:
            return "one of " + ", ".join(map(str, self.choices))
        if self.low is not None or self.high is not None:
            return f"a number from {self.low} to {self.high}"
        names = {"colour": "a colour like #00ff00", "bool": "true or false", "text": "a text"}
        return names.get(self.kind, "a number")


def read_options(options: tuple[FormatOption, ...], given: Any) -> dict[str, Value]:
    """Check the given values and fill in the defaults. Raises `InvalidRequest`."""
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise InvalidRequest("options must be an object.", hint='Like {"digits": 8}.')
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            hint = f"Its options are: {', '.join(known) or 'none'}."
            raise InvalidRequest(f"This format has no option {str(name)[:80]!r}.", hint=hint)
    return {
        name: option.read(given[name]) if name in given else option.default
        for name, option in known.items()
    }
