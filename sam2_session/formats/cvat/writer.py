"""Writes CVAT for video 1.1: XML with a mask on each frame, or a track of boxes per pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from sam2_session.core.types import BoolMask
from sam2_session.formats.exporting.categories import CATEGORY, Categories
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import paint_order
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.source import MaskRead, Pair

SHAPES = FormatOption(
    "shapes",
    "masks",
    "masks: exact pixels, one CVAT shape per frame; boxes: tracks of boxes.",
    choices=("masks", "boxes"),
)
OPTIONS = (SHAPES, CATEGORY)
SHOWN = 'outside="0" occluded="0" keyframe="1"'
GONE = 'outside="1" occluded="0" keyframe="1"'


def write(export: Export) -> FramesDone:
    """Write one file pair by pair; the label is the category, `group_id` the instance."""
    with export.path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n')
        categories = Categories.of_export(export)
        file.write("  <version>1.1</version>\n" + _meta(export, categories))
        tracks = _Tracks(export, file, categories)
        for pair in export.source.pairs:
            if export.options["shapes"] == "masks":
                yield from tracks.masks(pair)
            else:
                yield from tracks.boxes(pair)
        file.write("</annotations>\n")


class _Tracks:
    """Numbers the tracks and writes them."""

    def __init__(self, export: Export, file: TextIO, categories: Categories) -> None:
        self._export = export
        self._categories = categories
        self._file = file
        self._number = 0
        self._order = {pair: at for at, pair in enumerate(paint_order(export.source.pairs))}

    def masks(self, pair: Pair) -> Iterator[int]:
        """Write a track per mask: of several masks in a track, CVAT reads only the first."""
        last = self._export.source.video.num_frames - 1
        for frame_idx in self._export.source.frames:
            read = self._export.read(pair, frame_idx)
            if read is not None and read.note.facts.box is not None:
                self._begin(pair)
                self._mask(pair, frame_idx, read, SHOWN)
                if frame_idx < last:
                    self._mask(pair, frame_idx + 1, read, GONE)
                self._file.write("  </track>\n")
            yield frame_idx

    def boxes(self, pair: Pair) -> Iterator[int]:
        """Write one track with a keyframe on each frame, `outside` where a gap begins."""
        before: MaskRead | None = None
        begun = False
        for frame_idx in self._export.source.frames:
            read = self._export.read(pair, frame_idx)
            there = read if read is not None and read.note.facts.box is not None else None
            if there is not None and not begun:
                self._begin(pair)
                begun = True
            if shape := there or before:
                self._box(pair, frame_idx, shape, SHOWN if there else GONE)
            before = there
            yield frame_idx
        if begun:
            self._end_boxes(pair, before)

    def _end_boxes(self, pair: Pair, last: MaskRead | None) -> None:
        frames = self._export.source.frames
        if last is not None and frames.stop < self._export.source.video.num_frames:
            self._box(pair, frames.stop, last, GONE)
        self._file.write("  </track>\n")

    def _begin(self, pair: Pair) -> None:
        label = quoteattr(self._categories.of(pair))
        head = f'id="{self._number}" label={label} source="manual"'
        self._file.write(f'  <track {head} group_id="{pair.instance_id}">\n')
        self._number += 1

    def _mask(self, pair: Pair, frame_idx: int, read: MaskRead, state: str) -> None:
        x0, y0, x1, y1 = read.note.facts.box or (0, 0, 0, 0)
        rle = row_runs(read.mask_hw[y0:y1, x0:x1])
        bounds = f'left="{x0}" top="{y0}" width="{x1 - x0}" height="{y1 - y0}"'
        shape = f'rle="{rle}" {bounds} z_order="{self._order[pair]}"'
        self._file.write(f'    <mask frame="{frame_idx}" {state} {shape}/>\n')

    def _box(self, pair: Pair, frame_idx: int, read: MaskRead, state: str) -> None:
        x0, y0, x1, y1 = read.note.facts.box or (0, 0, 0, 0)
        corners = f'xtl="{x0:.2f}" ytl="{y0:.2f}" xbr="{x1:.2f}" ybr="{y1:.2f}"'
        shape = f'{corners} z_order="{self._order[pair]}"'
        self._file.write(f'    <box frame="{frame_idx}" {state} {shape}/>\n')


def row_runs(mask_hw: BoolMask) -> str:
    """Write run lengths along the rows, zeros first, as CVAT does."""
    flat = np.ascontiguousarray(mask_hw).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    ends = [*changes.tolist(), flat.size]
    lead = [0] if flat.size and flat[0] else []
    runs = np.diff([0, *ends]).tolist()
    return ", ".join(map(str, [*lead, *runs]))


def _instances(export: Export) -> str:
    """Name the instances, which CVAT knows by the number of their group alone."""
    names = {pair.instance_id: pair.instance.name for pair in export.source.pairs}
    return "".join(
        f'<instance id="{number}">{escape(name)}</instance>' for number, name in names.items()
    )


def _meta(export: Export, categories: Categories) -> str:
    video = export.source.video
    height, width = video.size_hw
    used: dict[str, str] = {}
    for pair in export.source.pairs:
        used.setdefault(categories.of(pair), pair.colour)
    labels = "".join(
        f"<label><name>{escape(name)}</name><color>{colour}</color><type>any</type>"
        "<attributes></attributes></label>"
        for name, colour in used.items()
    )
    return (
        f"  <meta><task><name>{escape(video.name)}</name><size>{video.num_frames}</size>"
        "<mode>interpolation</mode><overlap>0</overlap>"
        f"<start_frame>0</start_frame><stop_frame>{video.num_frames - 1}</stop_frame>"
        f"<labels>{labels}</labels><instances>{_instances(export)}</instances>"
        f"<original_size><width>{width}</width><height>{height}</height></original_size>"
        "</task></meta>\n"
    )
