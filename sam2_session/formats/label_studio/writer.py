"""Writes Label Studio JSON: boxes as one video task, or brushes as one image task per frame."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any
from xml.sax.saxutils import quoteattr

from sam2_session.core.frame_files import file_number
from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import Keypoint
from sam2_session.formats.exporting.categories import CATEGORY, Categories
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.json_output import JsonList, put
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.source import MaskRead, Pair
from sam2_session.formats.label_studio.brush_encoder import encode_brush

EVERY = FormatOption("every", 1, "Frames from one keyframe to the next.", low=1, high=1000)
FOLDER = FormatOption(
    "images_at", "", "Folder in which Label Studio finds the images of the frames."
)
BRUSH_OPTIONS = (CATEGORY, FOLDER)
BOX_OPTIONS = (CATEGORY, EVERY)
Keypoints = dict[int, list[tuple[Pair, Keypoint]]]  # by frame, with a pair of their instance
POINT_WIDTH = 0.5  # percent of the image; how large Label Studio draws a keypoint
EMPTY_MASK = "empty masks, which a box cannot show, are gaps"


def write_brushes(export: Export) -> FramesDone:
    """Write an image task for each frame with a mask or a keypoint; `meta.text` names the instance.

    `meta` also says which keypoints were carried from another frame (`derived`).
    """
    categories = Categories.of_export(export)
    labels, keypoints = _labels(categories), _keypoints(export)
    brush = f'<BrushLabels name="brush" toName="image">{labels}</BrushLabels>'
    names = {point.name for found in keypoints.values() for _, point in found}
    brush += _keypoint_labels(names)
    export.facts["label_config"] = f'<View><Image name="image" value="$image"/>{brush}</View>'
    with export.path.open("wb") as file:
        file.write(b"[\n")
        tasks = JsonList(file)
        for frame_idx in export.source.frames:
            points = keypoints.get(frame_idx, [])
            if points or export.is_masked(frame_idx):
                tasks.next()
                _image_task(export, file, frame_idx, categories, points)
            yield frame_idx
        file.write(b"\n]\n")


def write_boxes(export: Export) -> FramesDone:
    """Write one video task; each pair is a sequence of boxes with gaps where it has none."""
    categories = Categories.of_export(export)
    labels = _labels(categories)
    tags = (
        f'<Video name="video" value="$video" framerate="{float(export.source.video.fps):.6g}"/>'
        f'<VideoRectangle name="box" toName="video"/><Labels name="label" toName="video">{labels}'
    )
    export.facts["label_config"] = f"<View>{tags}</Labels></View>"
    with export.path.open("wb") as file:
        data = {"video": export.source.video.name}
        put(file, '[{"data": ', data, ', "annotations": [{"result": [\n')
        results = JsonList(file)
        for pair in export.source.pairs:
            results.next()
            yield from _sequence(export, file, pair, categories.of(pair))
        file.write(b"\n]}]}]\n")


def _labels(categories: Categories) -> str:
    return "".join(f"<Label value={quoteattr(name)}/>" for name in sorted(categories.names))


def _keypoint_labels(names: Iterable[str]) -> str:
    values = "".join(f"<Label value={quoteattr(name)}/>" for name in sorted(names))
    return f'<KeyPointLabels name="keypoint" toName="image">{values}</KeyPointLabels>' * bool(
        values
    )


def _keypoints(export: Export) -> Keypoints:
    """Collect the keypoints of each frame, with a pair of their instance."""
    found: Keypoints = {}
    for pair in {pair.instance_id: pair for pair in reversed(export.source.pairs)}.values():
        for point in export.source.keypoints(pair.instance_id):
            found.setdefault(point.frame_idx, []).append((pair, point))
            export.count("keypoints")
    return found


def _image_task(
    export: Export,
    file: IO[bytes],
    frame_idx: int,
    categories: Categories,
    points: Sequence[tuple[Pair, Keypoint]],
) -> None:
    folder = str(export.options["images_at"]).rstrip("/") or export.source.video.video_id
    name = f"{folder}/{file_number(frame_idx)}.jpg"
    put(file, '{"data": ', {"image": name, "frame_index": frame_idx}, ', "annotations": [')
    put(file, '{"result": [')
    brushes = JsonList(file, ", ")
    for pair, read in export.masks(frame_idx):
        brushes.add(_brush(pair, read, categories.of(pair)))
    for pair, point in points:
        brushes.add(_point(pair, point, export.source.video.size_hw))
    put(file, "]}]}")


def _brush(pair: Pair, read: MaskRead, label: str) -> dict[str, Any]:
    height, width = read.mask_hw.shape
    return {
        "id": f"{pair.stem}_{read.note.frame_idx}",
        "type": "brushlabels",
        "from_name": "brush",
        "to_name": "image",
        "origin": "manual",
        "image_rotation": 0,
        "original_width": width,
        "original_height": height,
        "value": {
            "format": "rle",
            "rle": encode_brush(read.mask_hw),
            "brushlabels": [label],
        },
        "meta": _meta(pair),
    }


def _point(pair: Pair, point: Keypoint, size_hw: tuple[int, int]) -> dict[str, Any]:
    height, width = size_hw
    meta = {"text": [pair.instance.name], "instance_id": pair.instance_id, "keypoint": True}
    meta |= {"visible": point.visible, **({"derived": True} if point.derived else {})}
    return {
        "id": f"keypoint_{point.keypoint_id}",
        "type": "keypointlabels",
        "from_name": "keypoint",
        "to_name": "image",
        "origin": "manual",
        "image_rotation": 0,
        "original_width": width,
        "original_height": height,
        "value": {
            "x": 100 * point.x / width,
            "y": 100 * point.y / height,
            "width": POINT_WIDTH,
            "keypointlabels": [point.name],
        },
        "meta": meta,
    }


def _meta(pair: Pair) -> dict[str, Any]:
    """Name the instance: Label Studio shows the text and keeps the other fields."""
    key = {"instance_id": pair.instance_id, "region": pair.region}
    return {"text": [pair.instance.name], **key, **pair.class_fields()}


def _sequence(export: Export, file: IO[bytes], pair: Pair, label: str) -> Iterator[int]:
    """Write a pair's boxes, one frame late: the last before a gap must be marked as the last."""
    _begin(export, file, pair, label)
    keyframes = JsonList(file, ", ")
    held: tuple[int, MaskFacts] | None = None
    at = 0  # place of the held box in its stretch without gaps
    for frame_idx in export.source.frames:
        facts = _facts(export, pair, frame_idx)
        if held and (facts is None or at % int(export.options["every"]) == 0):
            keyframes.add(_keyframe(export, held, enabled=facts is not None))
        at = at + 1 if held and facts else 0
        held = (frame_idx, facts) if facts else None
        yield frame_idx
    if held:
        is_last = held[0] == export.source.video.num_frames - 1
        keyframes.add(_keyframe(export, held, enabled=is_last))
    put(file, "]}}")


def _begin(export: Export, file: IO[bytes], pair: Pair, label: str) -> None:
    video = export.source.video
    duration_s = round(float(video.num_frames / video.fps), 6) if video.fps else 0.0
    names = {"id": pair.stem, "type": "videorectangle", "from_name": "box", "to_name": "video"}
    text = json.dumps({**names, "origin": "manual", "meta": _meta(pair)}, ensure_ascii=False)
    head = {"framesCount": video.num_frames, "duration": duration_s, "labels": [label]}
    put(file, text[:-1], ', "value": ', json.dumps(head)[:-1], ', "sequence": [')


def _facts(export: Export, pair: Pair, frame_idx: int) -> MaskFacts | None:
    read = export.read(pair, frame_idx)
    if read is not None and read.note.facts.box is None:
        export.remarks.add(EMPTY_MASK)
        return None
    return read.note.facts if read else None


def _keyframe(export: Export, held: tuple[int, MaskFacts], *, enabled: bool) -> dict[str, Any]:
    frame_idx, facts = held
    assert facts.box is not None
    x0, y0, x1, y1 = facts.box
    height, width = export.source.video.size_hw
    return {
        "frame": frame_idx + 1,
        "time": round(float((frame_idx + 1) / export.source.video.fps), 6),
        "x": 100 * x0 / width,
        "y": 100 * y0 / height,
        "width": 100 * (x1 - x0) / width,
        "height": 100 * (y1 - y0) / height,
        "rotation": 0,
        "enabled": enabled,
    }
