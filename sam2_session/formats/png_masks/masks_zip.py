"""Writes a ZIP of PNG masks: the files of each pair as on disk, or one image per frame."""

from __future__ import annotations

import cv2
import numpy as np

from sam2_session.core.png import encode_gray8
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import legend, numbers_of, paint, union
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import DIGITS, FROM_ONE

LAYOUT = FormatOption(
    "layout",
    "pairs",
    "pairs: files as on disk; single: all masks of a frame in one image of 0 and 255; ids: the "
    "same, with the instance's id as grey value.",
    choices=("pairs", "single", "ids"),
)
OPTIONS = (LAYOUT, DIGITS, FROM_ONE)


def write(export: Export) -> FramesDone:
    """Write ``instance1/masks_shaft/00001.png``, or ``masks/00001.png``."""
    with export.archive() as archive:
        if export.options["layout"] == "ids":
            export.facts |= legend(numbers_of(export.source.pairs, "instance"))
        for frame_idx in export.source.frames:
            if export.options["layout"] == "pairs":
                _add_pair_masks(export, archive, frame_idx)
            elif export.is_masked(frame_idx):
                _add_frame_mask(export, archive, frame_idx)
            yield frame_idx


def _add_pair_masks(export: Export, archive: Archive, frame_idx: int) -> None:
    for pair, read in export.masks(frame_idx):
        name = f"instance{pair.instance_id}/masks_{pair.region}/{export.number(frame_idx)}.png"
        archive.add(name, read.png, packed=True)


def _add_frame_mask(export: Export, archive: Archive, frame_idx: int) -> None:
    size_hw, masks = export.source.video.size_hw, export.masks(frame_idx)
    if export.options["layout"] == "single":
        png = encode_gray8(union(masks, size_hw))
    else:
        ids_hw = paint(masks, numbers_of(export.source.pairs, "instance"), size_hw)
        png = cv2.imencode(".png", ids_hw.astype(np.uint8))[1].tobytes()
    archive.add(f"masks/{export.number(frame_idx)}.png", png, packed=True)
