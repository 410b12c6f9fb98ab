"""Writes SA-V's JSON: for each frame a list of run lengths, one for each object."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from sam2_session.formats.coco.run_lengths import encode_rle
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.json_output import JsonList, put
from sam2_session.formats.exporting.shared_options import IMAGES
from sam2_session.formats.exporting.source import MaskRead, Pair

OPTIONS = (IMAGES,)
DIGITS = 5  # of the frames, which count as the rows of the file do


class _Masklets:
    """Counts what the file says of each object at its end."""

    def __init__(self, pairs: list[Pair]) -> None:
        self.pairs = pairs
        self.seen = dict.fromkeys(pairs, 0)
        self.areas = dict.fromkeys(pairs, 0)
        self.first: dict[Pair, int] = {}
        self.changes = dict.fromkeys(pairs, 0)
        self._before = dict.fromkeys(pairs, False)

    def add(self, pair: Pair, order: int, area: int) -> None:
        there = area > 0
        if there:
            self.first.setdefault(pair, order)
            self.seen[pair] += 1
            self.areas[pair] += area
        self.changes[pair] += order > 0 and there != self._before[pair]
        self._before[pair] = there

    def to_json(self, pixels: int) -> dict[str, Any]:
        mean = [self.areas[pair] / max(self.seen[pair], 1) for pair in self.pairs]
        return {
            "masklet_id": list(range(len(self.pairs))),
            "masklet_num": len(self.pairs),
            "masklet_size_abs": mean,
            "masklet_size_rel": [size / pixels for size in mean],
            "masklet_visibility_changes": [self.changes[pair] for pair in self.pairs],
            "masklet_first_appeared_frame": [self.first.get(pair, 0) for pair in self.pairs],
            "masklet_frame_count": [self.seen[pair] for pair in self.pairs],
            "masklet_type": ["manual"] * len(self.pairs),
            "pairs": [pair.to_json() for pair in self.pairs],
        }


def write(export: Export) -> FramesDone:
    """Write ``<video>_manual.json``; frames count from 0 at the first one that is exported."""
    name = export.source.video.video_id
    with export.archive() as archive:
        with archive.stream(f"annotations/{name}_manual.json") as file:
            yield from _document(export, file)
        archive.add("train.txt", f"{name}\n".encode())
        if export.options["images"]:
            _add_images(export, archive)


def _document(export: Export, file: IO[bytes]) -> Iterator[int]:
    video, frames = export.source.video, export.source.frames
    height, width = video.size_hw
    head = {
        "video_id": video.video_id,
        "video_duration": float(len(frames) / video.fps) if video.fps else 0.0,
        "video_frame_count": len(frames),
        "video_height": height,
        "video_width": width,
        "video_resolution": height * width,
    }
    masklets = _Masklets(list(export.source.pairs))
    empty = encode_rle(np.zeros(video.size_hw, np.bool_))
    put(file, "{")
    for key, value in head.items():
        put(file, f'"{key}": {json.dumps(value)}, ')
    put(file, '"masklet": [')
    rows = JsonList(file)
    for order, frame_idx in enumerate(frames):
        found = dict(export.masks(frame_idx))
        rows.add([_rle(found.get(pair), empty) for pair in masklets.pairs])
        for pair in masklets.pairs:
            read = found.get(pair)
            masklets.add(pair, order, read.note.facts.area if read else 0)
        yield frame_idx
    put(file, "\n]")
    for key, value in masklets.to_json(height * width).items():
        put(file, f', "{key}": ', value)
    put(file, "}\n")


def _rle(read: MaskRead | None, empty: dict[str, Any]) -> dict[str, Any]:
    """Encode a mask; what is not there is an empty one, since trainers decode every entry."""
    return empty if read is None else encode_rle(read.mask_hw)


def _add_images(export: Export, archive: Archive) -> None:
    name = export.source.video.video_id
    for order, frame_idx in enumerate(export.source.frames):
        data = export.source.read_frame_file(frame_idx)
        archive.add(f"JPEGImages/{name}/{str(order).zfill(DIGITS)}.jpg", data, packed=True)
