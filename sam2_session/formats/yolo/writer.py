"""Writes YOLO segmentation: a text file per frame, a line per object."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.categories import CATEGORY, Categories
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import DIGITS, EMPTY, FROM_ONE, IMAGES
from sam2_session.formats.exporting.source import MaskRead, Pair
from sam2_session.formats.shapes.outlines import Outline, joined, outlines_of

PIECES = FormatOption(
    "pieces",
    "join",
    "join: one line per object, its pieces joined by cuts; split: one line per piece.",
    choices=("join", "split"),
)
TOLERANCE = FormatOption(
    "tolerance_px", 0.0, "Leave out corners closer than this to the line.", low=0.0, high=20.0
)
ONE_SET = "data.yaml names the same images for train and val: split them before measuring a model"
OPTIONS = (CATEGORY, PIECES, TOLERANCE, IMAGES, EMPTY, DIGITS, FROM_ONE)


def write(export: Export) -> FramesDone:
    """Write ``labels/00001.txt`` and ``data.yaml``; cuts join holes and pieces."""
    categories = Categories.of_export(export)
    classes = {name: number for number, name in enumerate(categories.names)}
    export.facts["classes"] = classes
    if export.options["pieces"] == "split":
        export.facts["pieces"] = []
    if export.options["images"]:
        export.remarks.add(ONE_SET)
    numbers = {pair: classes[categories.of(pair)] for pair in export.source.pairs}
    with export.archive() as archive:
        for frame_idx in export.source.frames:
            if export.options["empty_frames"] or export.is_masked(frame_idx):
                lines = list(_lines(export, frame_idx, numbers))
                _add(export, archive, frame_idx, lines)
            yield frame_idx
        archive.add("data.yaml", _data_yaml(classes).encode())


def _lines(export: Export, frame_idx: int, numbers: dict[Pair, int]) -> Iterator[str]:
    for pair, read in export.masks(frame_idx):
        outlines = _objects(export, pair, read)
        if "pieces" in export.facts and outlines:
            key = {"instance_id": pair.instance_id, "region": pair.region}
            export.facts["pieces"].append({"frame_idx": frame_idx, **key, "lines": len(outlines)})
        for outline in outlines:
            export.count("objects")
            yield f"{numbers[pair]} {_points(outline, export.source.video.size_hw)}"


def _objects(export: Export, pair: Pair, read: MaskRead) -> list[Outline]:
    tolerance_px = float(export.options["tolerance_px"])
    pieces, left_out = outlines_of(read.mask_hw, tolerance_px=tolerance_px)
    if export.options["pieces"] == "join" and len(pieces) > 1:
        export.remarks.add("masks whose pieces were joined into one outline")
        pieces, more = joined(pieces)
        left_out += more
    if left_out:
        export.simplified(pair, read.note.frame_idx, left_out)
    return pieces


def _points(outline: Outline, size_hw: tuple[int, int]) -> str:
    """Write the centres of pixels as shares of the frame."""
    height, width = size_hw
    return " ".join(f"{(x + 0.5) / width:.6f} {(y + 0.5) / height:.6f}" for x, y in outline)


def _add(export: Export, archive: Archive, frame_idx: int, lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    archive.add(f"labels/{export.number(frame_idx)}.txt", text.encode())
    if export.options["images"]:
        frame = export.source.read_frame_file(frame_idx)
        archive.add(f"images/{export.number(frame_idx)}.jpg", frame, packed=True)


def _data_yaml(classes: dict[str, int]) -> str:
    names = "".join(f"  {number}: {_yaml_text(name)}\n" for name, number in classes.items())
    # without `path` trainers use the file's own folder; with "." the one they were started in
    return f"# {ONE_SET}\ntrain: images\nval: images\nnames:\n{names or '  {}'}"


def _yaml_text(name: str) -> str:
    """Write a name as YAML: names of regions are plain, those of classes may hold any sign."""
    return name if REGION_SLUG.fullmatch(name) else json.dumps(name, ensure_ascii=False)
