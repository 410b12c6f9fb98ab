"""Reads the manifest of our own exports: which pair each mask, number or line belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.json_input import load_json, mapping, mappings, text, whole

MANIFEST = "manifest.json"
MAX_LINES = 1_000_000  # of all masks that have a line for each of their pieces
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
    format: str = ""
    values: Mapping[tuple[int, int], PairName] = field(default_factory=dict)  # by value and type
    value_regions: Mapping[int, str] = field(default_factory=dict)
    first_frame: int = 0
    video: tuple[str | None, str | None] = (None, None)  # its name and its id


def read_manifest(tree: FileTree) -> Manifest:
    """Read the manifest; empty if there is none. Raises `UnsupportedImport` if it is broken."""
    if MANIFEST not in tree.paths:
        return Manifest()
    data = mapping(load_json(tree.read(MANIFEST), MANIFEST))
    options, video = mapping(data.get("options")), mapping(data.get("video"))
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
        _lines(data.get("masks")) if whole_lines else _lines_of_pieces(data.get("pieces")),
        _classes(data.get("pairs")),
        text(data.get("format")) or "",
        _values(data.get("values")),
        {value: region for value, (_, region) in _pairs(data.get("values"), "value")},
        whole(mapping(data.get("frame_table")).get("first_frame_idx")) or 0,
        (text(video.get("name")), text(video.get("video_id"))),
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


def _values(rows: Any) -> dict[tuple[int, int], PairName]:
    """Read whose each value is in a layout of a surgical challenge; none for values of several."""
    found: dict[tuple[int, int], list[PairName]] = {}
    for row in mappings(rows):
        for value, pair in _pairs([row], "value"):
            found.setdefault((value, whole(row.get("type")) or 0), []).append(pair)
    return {key: pairs[0] for key, pairs in found.items() if len(pairs) == 1}


def _lines(masks: Any) -> dict[int, list[PairName]]:
    """List the pairs of each frame's lines: one per mask that is not empty, in manifest order."""
    written = [row for row in mappings(masks) if whole(row.get("area"))]
    lines: dict[int, list[PairName]] = {}
    for frame_idx, pair in _pairs(written, "frame_idx"):
        lines.setdefault(frame_idx, []).append(pair)
    return lines


def _lines_of_pieces(rows: Any) -> dict[int, list[PairName]]:
    """List the pairs of each frame's lines where a mask has a line for each of its pieces."""
    lines: dict[int, list[PairName]] = {}
    left = MAX_LINES
    for row in mappings(rows):
        count = min(max(0, whole(row.get("lines")) or 0), left)
        left -= count
        for frame_idx, pair in _pairs([row], "frame_idx"):
            lines.setdefault(frame_idx, []).extend([pair] * count)
    return lines


def _pairs(rows: Any, name: str) -> Iterator[tuple[int, PairName]]:
    """Yield the number and the pair of each valid row."""
    for row in mappings(rows):
        number, instance_id = whole(row.get(name)), whole(row.get("instance_id"))
        region = text(row.get("region"))
        if number is not None and instance_id and region and REGION_SLUG.fullmatch(region):
            yield number, (instance_id, region)
