"""Reads the manifest of our own exports: which pair each mask, number or line belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.json_input import load_json, mapping, mappings, text, whole

MANIFEST = "manifest.json"
PairName = tuple[int, str]  # instance_id, region


@dataclass(frozen=True, slots=True)
class Manifest:
    """Pairs by number; all empty for an archive of another program."""

    instance_names: Mapping[int, str] = field(default_factory=dict)
    base: int | None = None  # number of the first frame in file names
    numbers: Mapping[int, PairName] = field(default_factory=dict)  # by number at a pixel
    mask_ids: Mapping[int, PairName] = field(default_factory=dict)  # by mask_id in names of arrays
    lines: Mapping[int, Sequence[PairName]] = field(default_factory=dict)  # YOLO's, by frame
    classes: Mapping[int, str] = field(default_factory=dict)  # class_name by instance_id


def read_manifest(tree: FileTree) -> Manifest:
    """Read the manifest; empty if there is none. Raises `UnsupportedImport` if it is broken."""
    if MANIFEST not in tree.paths:
        return Manifest()
    data = mapping(load_json(tree.read(MANIFEST), MANIFEST))
    options = mapping(data.get("options"))
    base = whole(options.get("base"))
    numbers: dict[int, PairName] = {}
    for number, pair in _pairs(data.get("numbers"), "number"):
        if number:
            numbers[number] = (pair[0], "overall") if number in numbers else pair
    whole_lines = data.get("format") == "yolo_seg" and options.get("pieces") == "join"
    return Manifest(
        _instance_names(data.get("pairs")),
        base if base in (0, 1) else None,
        numbers,
        dict(_pairs(data.get("mask_ids"), "mask_id")),
        _lines(data.get("masks")) if whole_lines else {},
        _classes(data.get("pairs")),
    )


def _instance_names(rows: Any) -> dict[int, str]:
    names = {}
    for row in mappings(rows):
        instance_id, name = whole(row.get("instance_id")), text(row.get("name"))
        if instance_id and name:
            names[instance_id] = name
    return names


def _classes(pairs: Any) -> dict[int, str]:
    rows = [(whole(row.get("instance_id")), text(row.get("class_name"))) for row in mappings(pairs)]
    return {number: name for number, name in rows if number and name}


def _lines(masks: Any) -> dict[int, list[PairName]]:
    """List the pairs of each frame's lines: one per mask that is not empty, in manifest order."""
    written = [row for row in mappings(masks) if whole(row.get("area"))]
    lines: dict[int, list[PairName]] = {}
    for frame_idx, pair in _pairs(written, "frame_idx"):
        lines.setdefault(frame_idx, []).append(pair)
    return lines


def _pairs(rows: Any, name: str) -> Iterator[tuple[int, PairName]]:
    """Yield the number and the pair of each valid row."""
    for row in mappings(rows):
        number, instance_id = whole(row.get(name)), whole(row.get("instance_id"))
        region = text(row.get("region"))
        if number is not None and instance_id and region and REGION_SLUG.fullmatch(region):
            yield number, (instance_id, region)
