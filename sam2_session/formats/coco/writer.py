"""Writes COCO: a category per region or class, and ``keypoints.json``.

Datumaro and CVAT look for ``annotations/instances_default.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from sam2_session.formats.coco.run_lengths import encode_rle
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.categories import CATEGORY, REGION, Categories
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.json_output import JsonList, put
from sam2_session.formats.exporting.shared_options import DIGITS, EMPTY, FROM_ONE, IMAGES
from sam2_session.formats.exporting.source import MaskRead, Pair

OPTIONS = (CATEGORY, IMAGES, EMPTY, DIGITS, FROM_ONE)


def write(export: Export) -> FramesDone:
    """Write every mask as RLE; `track_id` identifies a pair on all frames."""
    export.facts["tracks"] = [
        {"track_id": track_id, **pair.to_json()}
        for pair, track_id in track_ids(export.source.pairs).items()
    ]
    categories = Categories.of_export(export)
    with export.archive() as archive:
        with archive.stream("annotations/instances_default.json") as file:
            _head(export, file, categories)
            yield from _annotations(export, file, categories)
        archive.add_json("annotations/keypoints.json", _keypoints(export, _kinds(export)))
        if export.options["images"]:
            _add_images(export, archive)
        else:
            archive.add_folder("images")  # readers such as Datumaro's want one


def track_ids(pairs: Any) -> dict[Pair, int]:
    """Number the pairs from 1."""
    return {pair: at for at, pair in enumerate(pairs, start=1)}


def category_rows(categories: Categories) -> list[dict[str, Any]]:
    """Rows of COCO's ``categories``."""
    return [
        {"id": number, "name": name, "supercategory": "instance"}
        for name, number in categories.numbers.items()
    ]


def _head(export: Export, file: IO[bytes], categories: Categories) -> None:
    info = {"description": export.source.video.name, "version": "1.0"}
    put(file, '{"info": ', info, ', "licenses": [], "categories": ', category_rows(categories))
    put(file, ', "images": [')
    images = JsonList(file)
    for frame_idx in _listed(export):
        images.add(_image(export, frame_idx))
    put(file, '\n], "annotations": [')


def _annotations(export: Export, file: IO[bytes], categories: Categories) -> Iterator[int]:
    numbers, tracks = categories.numbers, track_ids(export.source.pairs)
    rows, number = JsonList(file), 0
    for frame_idx in export.source.frames:
        for pair, read in export.masks(frame_idx):
            if read.note.facts.box is None:
                export.remarks.add("empty masks, which COCO cannot hold, are left out")
                continue
            number += 1
            ids = {"id": number, "image_id": frame_idx + 1}
            kind = {"category_id": numbers[categories.of(pair)], "track_id": tracks[pair]}
            rows.add({**ids, **kind, **_shape(pair, read)})
        yield frame_idx
    put(file, "\n]}\n")


def _shape(pair: Pair, read: MaskRead) -> dict[str, Any]:
    note = read.note
    return {
        "segmentation": encode_rle(read.mask_hw),
        "area": note.facts.area,
        "bbox": bbox_of(note.facts.box or (0, 0, 0, 0)),
        "iscrowd": 0,
        "attributes": {
            "instance_id": pair.instance_id,
            "instance": pair.instance.name,
            "region": pair.region,
            **pair.class_fields(),
            "source": note.source.value,
            "object_score": note.score,
            "approved": note.approved,
            "stale": note.stale,
        },
    }


def bbox_of(box: tuple[float, float, float, float]) -> list[float]:
    """Convert a box to ``[x, y, width, height]``."""
    x0, y0, x1, y1 = box
    return [x0, y0, x1 - x0, y1 - y0]


def _image(export: Export, frame_idx: int) -> dict[str, Any]:
    height, width = export.source.video.size_hw
    return {
        "id": frame_idx + 1,
        "file_name": f"{export.number(frame_idx)}.jpg",
        "width": width,
        "height": height,
        "frame_idx": frame_idx,
        "time_s": round(export.source.video.time_s(frame_idx), 6),
    }


def _listed(export: Export) -> Iterator[int]:
    """Frames that become images of the dataset."""
    with_keypoints = {
        keypoint.frame_idx
        for instance_id in _instances(export)
        for keypoint in export.source.keypoints(instance_id)
    }
    for frame_idx in export.source.frames:
        wanted = export.options["empty_frames"] or export.is_masked(frame_idx)
        if wanted or frame_idx in with_keypoints:
            yield frame_idx


def _instances(export: Export) -> dict[int, str]:
    return {pair.instance_id: pair.instance.name for pair in export.source.pairs}


def _kinds(export: Export) -> dict[int, str]:
    """Name the category of each instance's keypoints: they belong to the whole of it."""
    by_class = export.options[CATEGORY.name] != REGION
    instances = {pair.instance_id: pair.instance for pair in export.source.pairs}
    return {n: (by_class and row.class_name) or "instance" for n, row in instances.items()}


def _keypoints(export: Export, kinds: dict[int, str]) -> dict[str, Any]:
    """Build keypoints.json in memory; ``attributes.derived`` names those that were carried."""
    rows = [(n, point) for n in _instances(export) for point in export.source.keypoints(n)]
    names = list(dict.fromkeys(point.name for _, point in rows))
    by_frame: dict[tuple[int, int], dict[str, tuple[float, float, int]]] = {}
    derived: dict[tuple[int, int], list[str]] = {}
    for instance_id, point in rows:
        found = by_frame.setdefault((point.frame_idx, instance_id), {})
        if point.name in found:
            export.remarks.add("second keypoints of one name on a frame are left out")
            continue
        found[point.name] = (point.x, point.y, 2 if point.visible else 1)
        if point.derived:
            derived.setdefault((point.frame_idx, instance_id), []).append(point.name)
    export.count("keypoints", sum(map(len, by_frame.values())))
    numbers = {name: at for at, name in enumerate(sorted({*kinds.values()}), start=1)}
    shared = {"supercategory": "instance", "keypoints": names, "skeleton": []}
    return {
        "images": [_image(export, idx) for idx in sorted({frame_idx for frame_idx, _ in by_frame})],
        "categories": [{"id": at, "name": name, **shared} for name, at in numbers.items()],
        "annotations": [
            {
                **_keypoint_row(number, key, found, names),
                "category_id": numbers[kinds[key[1]]],
                "attributes": {"instance_id": key[1], **_derived(derived.get(key))},
            }
            for number, (key, found) in enumerate(sorted(by_frame.items()), start=1)
        ],
    }


def _keypoint_row(
    number: int,
    key: tuple[int, int],
    found: dict[str, tuple[float, float, int]],
    names: list[str],
) -> dict[str, Any]:
    frame_idx, instance_id = key
    xs, ys = ([row[axis] for row in found.values()] for axis in (0, 1))
    box = (min(xs), min(ys), max(xs), max(ys))
    return {
        "id": number,
        "image_id": frame_idx + 1,
        "track_id": instance_id,
        "keypoints": [value for name in names for value in found.get(name, (0, 0, 0))],
        "num_keypoints": len(found),
        "bbox": bbox_of(box),
        "area": (box[2] - box[0]) * (box[3] - box[1]),
        "iscrowd": 0,
    }


def _derived(names: list[str] | None) -> dict[str, list[str]]:
    return {"derived": names} if names else {}


def _add_images(export: Export, archive: Archive) -> None:
    for frame_idx in _listed(export):
        name = f"images/{export.number(frame_idx)}.jpg"
        archive.add(name, export.source.read_frame_file(frame_idx), packed=True)
