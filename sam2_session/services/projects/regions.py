"""Regions and classes of an instance, from configs/regions.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.region_rules import RegionRules
from sam2_session.core.types import REGION_SLUG, require_name


@dataclass(frozen=True, slots=True)
class Region:
    """A named part of an instance; `name` is a folder name, `label` what the page shows."""

    name: str
    label: str

    def __post_init__(self) -> None:
        if not REGION_SLUG.fullmatch(self.name):
            raise InvalidRequest(
                f"{self.name!r} in configs/regions.yaml cannot be a region's name.",
                hint="Use a-z, 0-9, _ and -, beginning with a letter or digit.",
            )

    def to_wire(self) -> dict[str, Any]:
        """Return ``{name, label}``."""
        return {"name": self.name, "label": self.label}


def load_classes(path: Path) -> tuple[str, ...]:
    """Read the classes an instance may have; a file without any has none.

    Raises `InvalidRequest` that says what is wrong.
    """
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8")).get("classes") or []
        if not isinstance(rows, list):
            raise TypeError(f"{rows!r} is no list.")
        for row in rows:
            require_name("A class", row)
    except (OSError, yaml.YAMLError, TypeError, AttributeError, InvalidRequest) as error:
        raise InvalidRequest(
            f"The classes of {path.name} cannot be read: {error}",
            hint="It may hold a list `classes` of names.",
        ) from error
    return tuple(dict.fromkeys(row.strip() for row in rows))


def load_rules(path: Path, regions: tuple[Region, ...]) -> RegionRules | None:
    """Read the rules between regions; a file without any has none.

    Raises `InvalidRequest` that says what is wrong.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")).get("rules")
        if not found:
            return None
        flags = {name: found.get(name, False) for name in ("inside", "exclusive", "union")}
        rules = RegionRules(found["whole"], tuple(found["parts"]), **flags)
        unknown = {*rules.regions} - {region.name for region in regions}
        if (
            unknown
            or rules.whole in rules.parts
            or not all(isinstance(flag, bool) for flag in flags.values())
        ):
            raise TypeError(f"{found!r}")
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(
            f"The rules of {path.name} cannot be read: {error}",
            hint="`rules` holds `whole` and `parts`, names of regions, and `inside`, `exclusive` or"
            " `union`: true.",
        ) from error
    return rules


def load_regions(path: Path) -> tuple[Region, ...]:
    """Read the regions. Raises `InvalidRequest` that says what is wrong."""
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))["regions"]
        regions = tuple(Region(row["name"], row.get("label", row["name"])) for row in rows)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise InvalidRequest(
            f"{path.name} cannot be read: {error}",
            hint="It holds a list `regions` of {name, label}.",
        ) from error
    if not regions or len({region.name for region in regions}) != len(regions):
        raise InvalidRequest(f"{path.name} needs at least one region, each name once.")
    return regions
