"""Writes LabelMe's JSON: a file for each picture, with masks or polygons."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import numpy as np

from sam2_session.core.png import encode_gray8
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.categories import CATEGORY, Categories
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import DIGITS, EMPTY, FROM_ONE, IMAGES
from sam2_session.formats.exporting.source import MaskRead, Pair
from sam2_session.formats.shapes.outlines import outlines_of

SHAPES = FormatOption(
    "shapes",
    "masks",
    "masks: exact pixels, for LabelMe 5.2 and newer; polygons: one for each piece.",
    choices=("masks", "polygons"),
)
OPTIONS = (SHAPES, CATEGORY, IMAGES, EMPTY, DIGITS, FROM_ONE)
VERSION = "5.5.0"


def write(export: Export) -> FramesDone:
    """Write ``00001.json`` beside its picture; `group_id` is the instance."""
    categories = Categories.of_export(export)
    with export.archive() as archive:
        for frame_idx in export.source.frames:
            if export.options["empty_frames"] or export.is_masked(frame_idx):
                _add(export, archive, frame_idx, categories)
            yield frame_idx


def _add(export: Export, archive: Archive, frame_idx: int, categories: Categories) -> None:
    height, width = export.source.video.size_hw
    stem = export.number(frame_idx)
    shapes = [
        {"label": categories.of(pair), "group_id": pair.instance_id, "flags": {},
         "description": "" if pair.region == "overall" else pair.region, **shape}
        for pair, read in export.masks(frame_idx)
        for shape in _shapes(export, pair, read)
    ]  # fmt: skip
    document: dict[str, Any] = {
        "version": VERSION,
        "flags": {},
        "shapes": shapes,
        "imagePath": f"{stem}.jpg",
        "imageData": None,
        "imageHeight": height,
        "imageWidth": width,
    }
    archive.add(f"{stem}.json", json.dumps(document, ensure_ascii=False).encode())
    if export.options["images"]:
        archive.add(f"{stem}.jpg", export.source.read_frame_file(frame_idx), packed=True)


def _shapes(export: Export, pair: Pair, read: MaskRead) -> Iterator[dict[str, Any]]:
    if read.note.facts.box is None:
        export.remarks.add("empty masks, which LabelMe cannot hold, are left out")
        return
    x0, y0, x1, y1 = read.note.facts.box
    if export.options["shapes"] == "masks":
        patch = b64encode(encode_gray8(read.mask_hw[y0:y1, x0:x1])).decode()
        corners = [[x0, y0], [x1 - 1, y1 - 1]]  # both of them inside
        yield {"shape_type": "mask", "points": corners, "mask": patch}
        return
    traced = outlines_of(read.mask_hw)
    if traced.left_out:
        export.simplified(pair, read.note.frame_idx, traced.left_out)
    for outline in traced.outlines:
        points = (np.asarray(outline, np.float64) + 0.5).tolist()
        if len(points) >= 3:
            yield {"shape_type": "polygon", "points": points}
