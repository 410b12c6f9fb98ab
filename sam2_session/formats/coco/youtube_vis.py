"""Writes YouTube-VIS: one annotation per pair, with its mask, or null, for every frame."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO

from sam2_session.formats.coco.run_lengths import encode_rle
from sam2_session.formats.coco.writer import bbox_of, category_rows
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.categories import CATEGORY, Categories
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.json_output import JsonList, put
from sam2_session.formats.exporting.shared_options import DIGITS, FROM_ZERO, IMAGES
from sam2_session.formats.exporting.source import Pair

OPTIONS = (CATEGORY, IMAGES, DIGITS, FROM_ZERO)


def write(export: Export) -> FramesDone:
    """Write ``instances.json`` pair by pair, and ``JPEGImages`` if the option is set."""
    categories = Categories.of_export(export)
    numbers = {pair: categories.numbers[categories.of(pair)] for pair in export.source.pairs}
    with export.archive() as archive:
        with archive.stream("instances.json") as file:
            _head(export, file, categories)
            rows = JsonList(file)
            for row_id, pair in enumerate(export.source.pairs, start=1):
                rows.next()
                ids = {"id": row_id, "category_id": numbers[pair]}
                yield from _annotation(export, file, ids, pair)
            put(file, "\n]}\n")
        if export.options["images"]:
            _add_images(export, archive)


def _head(export: Export, file: IO[bytes], categories: Categories) -> None:
    video, frames = export.source.video, export.source.frames
    row = {
        "id": 1,
        "width": video.size_hw[1],
        "height": video.size_hw[0],
        "length": len(frames),
        "file_names": [_name(export, frame_idx) for frame_idx in frames],
    }
    put(file, '{"info": ', {"description": video.name}, ', "licenses": [], "videos": ', [row])
    rows = category_rows(categories)
    put(file, ', "categories": ', rows, ', "annotations": [')


def _annotation(export: Export, file: IO[bytes], ids: dict[str, int], pair: Pair) -> Iterator[int]:
    """Write one pair's masks one by one; only boxes and areas wait in memory for the end."""
    height, width = export.source.video.size_hw
    head = {**ids, "video_id": 1, "iscrowd": 0, "height": height, "width": width}
    attributes = {**head, "attributes": pair.to_json()}
    put(file, json.dumps(attributes, ensure_ascii=False)[:-1], ', "segmentations": [')
    boxes: list[list[float] | None] = []
    areas: list[int | None] = []
    masks = JsonList(file, ", ")
    for frame_idx in export.source.frames:
        read = export.read(pair, frame_idx)
        facts = read.note.facts if read else None
        there = facts is not None and facts.box is not None
        masks.add(encode_rle(read.mask_hw) if read and there else None)
        boxes.append(bbox_of(facts.box) if facts and facts.box else None)
        areas.append(facts.area if facts and there else None)
        yield frame_idx
    put(file, '], "bboxes": ', boxes, ', "areas": ', areas, ', "length": ', len(boxes), "}")


def _name(export: Export, frame_idx: int) -> str:
    return f"{export.source.video.video_id}/{export.number(frame_idx)}.jpg"


def _add_images(export: Export, archive: Archive) -> None:
    for frame_idx in export.source.frames:
        data = export.source.read_frame_file(frame_idx)
        archive.add(f"JPEGImages/{_name(export, frame_idx)}", data, packed=True)
