"""Writes points, boxes and keypoints as tables (CSV) and as the program's own JSON."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from sam2_session.core.types import FramePrompt, Keypoint
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.native.annotation_json import keypoints_document, points_document

POINT_COLUMNS = ("instance_id", "instance", "region", "frame_idx", "time_s", "order", "x", "y")
BOX_COLUMNS = ("instance_id", "instance", "region", "frame_idx", "time_s", "x0", "y0", "x1", "y1")
KEYPOINT_COLUMNS = ("instance_id", "instance", "frame_idx", "time_s", "keypoint_id", "name")

SAFE_CELLS = FormatOption(
    "safe_cells", True, "Names that begin with = + - @ get an apostrophe: no spreadsheet runs them"
)
OPTIONS = (SAFE_CELLS,)
# also behind a semicolon or tab, which part cells in other countries, and in full width
FORMULA = re.compile(r"(^|[;\t])(?=\s*[=+@\uff1d\uff0b\uff0d\uff20-])")

Rows = list[list[Any]]
Prompts = list[tuple[Pair, list[tuple[int, FramePrompt]]]]
Keypoints = list[tuple[Pair, list[Keypoint]]]


def write(export: Export) -> FramesDone:
    """Write the tables; prompts are made by people, so few enough to read all at once."""
    prompts = [(pair, list(export.source.prompts(pair))) for pair in export.source.pairs]
    first = {pair.instance_id: pair for pair in reversed(export.source.pairs)}
    keypoints = [(first[n], list(export.source.keypoints(n))) for n in sorted(first)]
    with export.archive() as archive:
        _add_prompts(export, archive, prompts)
        _add_keypoints(export, archive, keypoints)
        yield from export.source.frames


def _add_prompts(export: Export, archive: Archive, prompts: Prompts) -> None:
    points: Rows = []
    boxes: Rows = []
    plain: list[dict[str, Any]] = []
    for pair, frames in prompts:
        for frame_idx, prompt in frames:
            key = [pair.instance_id, pair.instance.name, pair.region, frame_idx]
            key.append(_time(export, frame_idx))
            for order, point in enumerate(prompt.points):
                points.append([*key, order, point.x, point.y, point.label])
            if prompt.box:
                boxes.append([*key, *prompt.box.to_wire()])
            plain += _plain(pair, frame_idx, prompt)
        if frames:
            document = points_document(_head(export), pair.instance, pair.region, frames)
            archive.add_json(f"instance{pair.instance_id}/points_{pair.region}.json", document)
    export.count("points", len(points))
    export.count("boxes", len(boxes))
    archive.add("points.csv", _csv(export, (*POINT_COLUMNS, "label"), points))
    archive.add("boxes.csv", _csv(export, BOX_COLUMNS, boxes))
    archive.add_json("prompts.json", {"prompts": plain})


def _add_keypoints(export: Export, archive: Archive, keypoints: Keypoints) -> None:
    rows: Rows = []
    for pair, found in keypoints:
        for point in found:
            key = [pair.instance_id, pair.instance.name, point.frame_idx]
            key.append(_time(export, point.frame_idx))
            values = [point.x, point.y, int(point.visible), int(point.derived)]
            rows.append([*key, point.keypoint_id, point.name, *values])
        if found:
            document = keypoints_document(_head(export), pair.instance, found)
            archive.add_json(f"instance{pair.instance_id}/keypoints.json", document)
    export.count("keypoints", len(rows))
    columns = (*KEYPOINT_COLUMNS, "x", "y", "visible", "derived")
    archive.add("keypoints.csv", _csv(export, columns, rows))


def _plain(pair: Pair, frame_idx: int, prompt: FramePrompt) -> list[dict[str, Any]]:
    """Flat rows ``{frame_index, x, y, label}`` for simple tools, with instance and region."""
    key = {"instance_id": pair.instance_id, "region": pair.region}
    return [{"frame_index": frame_idx, **point.to_wire(), **key} for point in prompt.points]


def _csv(export: Export, columns: tuple[str, ...], rows: Rows) -> bytes:
    if export.options[SAFE_CELLS.name]:
        rows = [[_safe(cell) for cell in row] for row in rows]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(columns), *rows])
    return text.getvalue().encode()


def _safe(cell: Any) -> Any:
    """Mark a text that a spreadsheet would take for a formula as text; numbers stay numbers."""
    return FORMULA.sub(r"\1'", cell) if isinstance(cell, str) else cell


def _time(export: Export, frame_idx: int) -> float:
    return round(export.source.video.time_s(frame_idx), 6)


def _head(export: Export) -> dict[str, Any]:
    video = export.source.video
    return {
        "video_id": video.video_id,
        "video": video.name,
        "width": video.size_hw[1],
        "height": video.size_hw[0],
        "num_frames": video.num_frames,
    }
