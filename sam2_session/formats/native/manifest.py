"""What the manifest of our own exports says about the files beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.json_input import load_json, mapping, mappings, text, whole

MANIFEST = "manifest.json"
OnePair = tuple[int, str]  # instance and region


@dataclass(frozen=True, slots=True)
class Manifest:
    """Whose each thing is; empty for archives of others."""

    base: int | None = None  # the number of the first frame in names
    numbers: Mapping[int, OnePair] = field(default_factory=dict)  # in pictures
    mask_ids: Mapping[int, OnePair] = field(default_factory=dict)  # in names of arrays
    lines: Mapping[int, Sequence[OnePair]] = field(default_factory=dict)  # of YOLO, by frame


def read_manifest(tree: FileTree) -> Manifest:
    """Raises `UnsupportedImport` for one that is broken."""
    if MANIFEST not in tree.paths:
        return Manifest()
    data = mapping(load_json(tree.read(MANIFEST), MANIFEST))
    options = mapping(data.get("options"))
    base = whole(options.get("base"))
    numbers: dict[int, OnePair] = {}
    for number, pair in _pairs(data.get("numbers"), "number"):
        if number:
            numbers[number] = (pair[0], "overall") if number in numbers else pair
    whole_lines = data.get("format") == "yolo_seg" and options.get("pieces") == "join"
    return Manifest(
        base if base in (0, 1) else None,
        numbers,
        dict(_pairs(data.get("mask_ids"), "mask_id")),
        _lines(data.get("masks")) if whole_lines else {},
    )


def _lines(masks: Any) -> dict[int, list[OnePair]]:
    """Each mask that is not empty is a line, in the order of the manifest."""
    seen = [row for row in mappings(masks) if whole(row.get("area"))]
    lines: dict[int, list[OnePair]] = {}
    for frame_idx, pair in _pairs(seen, "frame_idx"):
        lines.setdefault(frame_idx, []).append(pair)
    return lines


def _pairs(rows: Any, name: str) -> Iterator[tuple[int, OnePair]]:
    """The pair that each row gives a number to."""
    for row in mappings(rows):
        number, instance_id = whole(row.get(name)), whole(row.get("instance_id"))
        region = text(row.get("region"))
        if number is not None and instance_id and region and REGION_SLUG.fullmatch(region):
            yield number, (instance_id, region)
