"""Every format that can be written or read: one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats import masks_zip
from sam2_session.formats.export_run import Export
from sam2_session.formats.options import FormatOption

# What a format can hold.
MASKS, IDENTITY, OVERLAP, PROMPTS, KEYPOINTS, IMAGES = (
    "masks",
    "identity",  # which instance and region a mask belongs to
    "overlap",  # two masks on one pixel
    "prompts",
    "keypoints",
    "images",
)


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format to write. `write` yields each frame it has done, and never holds many."""

    name: str
    label: str
    suffix: str
    holds: frozenset[str]
    write: Callable[[Export], Iterator[int]]
    options: tuple[FormatOption, ...] = ()
    by_pair: bool = False  # it goes through the frames once for each pair, not once for all

    def to_wire(self) -> dict[str, Any]:
        """For the page and the command line."""
        return {
            "name": self.name,
            "label": self.label,
            "suffix": self.suffix,
            "holds": sorted(self.holds),
            "options": [option.to_wire() for option in self.options],
        }


@dataclass(frozen=True, slots=True)
class Importer:
    """One format to read."""

    name: str
    label: str
    holds: frozenset[str]
    read: Callable[..., Any]
    suffixes: tuple[str, ...] = ()
    options: tuple[FormatOption, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """For the page and the command line."""
        return {
            "name": self.name,
            "label": self.label,
            "suffixes": list(self.suffixes),
            "holds": sorted(self.holds),
            "options": [option.to_wire() for option in self.options],
        }


_EXPORTERS = (
    Exporter(
        "masks_zip",
        "Masks, PNG in a ZIP",
        ".zip",
        frozenset({MASKS, IDENTITY, OVERLAP}),
        masks_zip.write,
        masks_zip.OPTIONS,
    ),
)
EXPORTERS = {one.name: one for one in _EXPORTERS}
IMPORTERS: dict[str, Importer] = {}


def exporter(name: object) -> Exporter:
    """An exporter by name. Raises `InvalidRequest`."""
    found = EXPORTERS.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(EXPORTERS)
        raise InvalidRequest(f"There is no format {str(name)[:80]!r}.", hint=f"Choose: {known}.")
    return found
