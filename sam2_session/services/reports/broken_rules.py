"""Frames of one instance that break a rule between its regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sam2_session.core.region_rules import Violations


@dataclass(slots=True)
class BrokenRules:
    """The frames of an instance that break a rule, and on how many of them each kind is broken."""

    label: str
    frames: list[int] = field(default_factory=list)
    outside: int = 0
    shared: int = 0
    missing: int = 0


def by_instance(
    found: Iterable[tuple[int, int, Violations]], labels: Mapping[int, str]
) -> list[BrokenRules]:
    """Collect (instance, frame, what breaks a rule) into a row for each instance."""
    rows: dict[int, BrokenRules] = {}
    for instance_id, frame_idx, violations in found:
        row = rows.setdefault(instance_id, BrokenRules(labels.get(instance_id, str(instance_id))))
        row.frames.append(frame_idx)
        row.outside += violations.outside > 0
        row.shared += violations.shared > 0
        row.missing += violations.missing > 0
    return list(rows.values())
