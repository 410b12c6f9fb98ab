"""Converts probes, packet indices and frame tables to JSON for a decoder process, and back."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from typing import Any

from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.packet_index import PacketIndex
from sam2_session.storage.probe import VideoProbe


def probe_to_wire(probe: VideoProbe) -> dict[str, Any]:
    """Convert a probe."""
    values = {row.name: getattr(probe, row.name) for row in fields(probe)}
    return {name: _pair(v) if isinstance(v, Fraction) else v for name, v in values.items()}


def probe_from_wire(wire: dict[str, Any]) -> VideoProbe:
    """Read what `probe_to_wire` made."""
    read: dict[str, Any] = {
        name: Fraction(*v) if isinstance(v, list | tuple) else v for name, v in wire.items()
    }
    return VideoProbe(**read)


def index_to_wire(index: PacketIndex) -> dict[str, Any]:
    """Convert a packet index."""
    return {"pts": index.pts, "keyframes": index.keyframes, "hidden": index.hidden}


def index_from_wire(wire: dict[str, Any]) -> PacketIndex:
    """Read what `index_to_wire` made."""
    keyframes = tuple((pts, dts) for pts, dts in wire["keyframes"])
    return PacketIndex(tuple(wire["pts"]), keyframes, wire["hidden"])


def rows_after(known: FrameTable, table: FrameTable) -> dict[str, Any]:
    """Convert the rows of `table` from the first that differs from those known already."""
    before = zip(known.pts, known.source_numbers, strict=True)
    after = zip(table.pts, table.source_numbers, strict=True)
    same = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        same += 1
    return {
        "from": same,
        "time_base": _pair(table.time_base),
        "pts": table.pts[same:],
        "numbers": table.source_numbers[same:],
        "start": table.source_start,
    }


def add_rows(known: FrameTable, wire: dict[str, Any]) -> FrameTable:
    """Return the table that `rows_after` converted, given the same rows as it."""
    same = wire["from"]
    pts = (*known.pts[:same], *wire["pts"])
    numbers = (*known.source_numbers[:same], *wire["numbers"])
    return FrameTable(Fraction(*wire["time_base"]), pts, numbers, wire["start"])


def _pair(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator
