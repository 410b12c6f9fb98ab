"""Points, boxes and keypoints as tables (CSV) and as the program's own JSON."""

from __future__ import annotations

import csv
import io
from typing import Any

from sam2_session.core.types import FramePrompt, Keypoint
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.native.annotation_json import keypoints_document, points_document

POINT_COLUMNS = ("instance_id", "instance", "region", "frame_idx", "time_s", "order", "x", "y")
BOX_COLUMNS = ("instance_id", "instance", "region", "frame_idx", "time_s", "x0", "y0", "x1", "y1")
KEYPOINT_COLUMNS = ("instance_id", "instance", "frame_idx", "time_s", "keypoint_id", "name")

Rows = list[list[Any]]
Prompts = list[tuple[Pair, list[tuple[int, FramePrompt]]]]
Keypoints = list[tuple[Pair, list[Keypoint]]]


def write(export: Export) -> FramesDone:
    """Made by people, and so few: they are read at once, and there is one step for each frame."""
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
            place = [pair.instance_id, pair.instance.name, pair.region, frame_idx]
            place.append(_time(export, frame_idx))
            for order, one in enumerate(prompt.points):
                points.append([*place, order, one.x, one.y, one.label])
            if prompt.box:
                boxes.append([*place, *prompt.box.to_wire()])
            plain += _plain(pair, frame_idx, prompt)
        if frames:
            document = points_document(_head(export), pair.instance, pair.region, frames)
            archive.add_json(f"instance{pair.instance_id}/points_{pair.region}.json", document)
    export.count("points", len(points))
    export.count("boxes", len(boxes))
    archive.add("points.csv", _csv((*POINT_COLUMNS, "label"), points))
    archive.add("boxes.csv", _csv(BOX_COLUMNS, boxes))
    archive.add_json("prompts.json", {"prompts": plain})


def _add_keypoints(export: Export, archive: Archive, keypoints: Keypoints) -> None:
    rows: Rows = []
    for pair, found in keypoints:
        for one in found:
            place = [pair.instance_id, pair.instance.name, one.frame_idx]
            place.append(_time(export, one.frame_idx))
            rows.append([*place, one.keypoint_id, one.name, one.x, one.y, int(one.visible)])
        if found:
            document = keypoints_document(_head(export), pair.instance, found)
            archive.add_json(f"instance{pair.instance_id}/keypoints.json", document)
    export.count("keypoints", len(rows))
    archive.add("keypoints.csv", _csv((*KEYPOINT_COLUMNS, "x", "y", "visible"), rows))


def _plain(pair: Pair, frame_idx: int, prompt: FramePrompt) -> list[dict[str, Any]]:
    """``{frame_index, x, y, label}``, as plain tools read it, and whose it is."""
    whose = {"instance_id": pair.instance_id, "region": pair.region}
    return [{"frame_index": frame_idx, **one.to_wire(), **whose} for one in prompt.points]


def _csv(columns: tuple[str, ...], rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([list(columns), *rows])
    return text.getvalue().encode()


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
