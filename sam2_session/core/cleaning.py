"""Cleans masks: fills holes, drops specks, smooths, grows or shrinks the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Steps in the order in which they are done; 0 leaves a step out.

    `fill_holes` and `drop_specks` are areas in source pixels: smaller holes are filled, smaller
    pieces dropped. `smooth` is a radius in pixels; `grow` moves the edge outward, or inward if it
    is negative.
    """

    fill_holes: int = 0
    drop_specks: int = 0
    smooth: int = 0
    grow: int = 0

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def to_json(self) -> dict[str, int]:
        """Convert to the form of the wire and of the database."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Cleaning:
        """Read what `to_json` wrote."""
        return cls(**data)
