"""Writes a ZIP of PNG masks: the files of each pair as on disk, or one image per frame."""

from __future__ import annotations

import re

import cv2
import numpy as np

from sam2_session.core.png import encode_gray8
from sam2_session.core.types import BoolMask
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.categories import CATEGORY, Categories
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import legend, numbers_of, paint, union
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import DIGITS, FROM_ONE
from sam2_session.formats.exporting.source import Pair

LAYOUT = FormatOption(
    "layout",
    "pairs",
    "pairs: files as on disk; single: all masks of a frame in one image of 0 and 255; ids: the "
    "same, with the instance's id as grey value; per_label: single, in a folder for each category.",
    choices=("pairs", "single", "ids", "per_label"),
)
OPTIONS = (LAYOUT, CATEGORY, DIGITS, FROM_ONE)
UNSAFE = re.compile(r"[^\w .-]|^\.+")  # in the name of a folder


def write(export: Export) -> FramesDone:
    """Write ``instance1/masks_shaft/00001.png``, ``masks/00001.png``, or ``shaft/00001.png``."""
    with export.archive() as archive:
        if export.options["layout"] == "ids":
            export.facts |= legend(numbers_of(export.source.pairs, "instance"))
        folders = _folders(export) if export.options["layout"] == "per_label" else {}
        for frame_idx in export.source.frames:
            if export.options["layout"] == "pairs":
                _add_pair_masks(export, archive, frame_idx)
            elif export.options["layout"] == "per_label":
                _add_label_masks(export, archive, frame_idx, folders)
            elif export.is_masked(frame_idx):
                _add_frame_mask(export, archive, frame_idx)
            yield frame_idx


def _add_pair_masks(export: Export, archive: Archive, frame_idx: int) -> None:
    for pair, read in export.masks(frame_idx):
        name = f"instance{pair.instance_id}/masks_{pair.region}/{export.number(frame_idx)}.png"
        archive.add(name, read.png, packed=True)


def _folders(export: Export) -> dict[Pair, str]:
    """Name the folder of each pair's category, which no other category has."""
    categories = Categories.of_export(export)
    names: dict[str, str] = {}
    for category in categories.names:
        plain = "/".join(UNSAFE.sub("_", part) or "_" for part in category.split("/"))
        taken = {name.casefold() for name in names.values()}
        names[category] = f"{plain}_{len(names)}" if plain.casefold() in taken else plain
    export.facts["folders"] = [{"category": name, "folder": at} for name, at in names.items()]
    return {pair: names[categories.of(pair)] for pair in export.source.pairs}


def _add_label_masks(
    export: Export, archive: Archive, frame_idx: int, folders: dict[Pair, str]
) -> None:
    merged: dict[str, BoolMask] = {}
    for pair, read in export.masks(frame_idx):
        before = merged.get(folders[pair])
        merged[folders[pair]] = read.mask_hw if before is None else before | read.mask_hw
    for folder, mask_hw in sorted(merged.items()):
        name = f"{folder}/{export.number(frame_idx)}.png"
        archive.add(name, encode_gray8(mask_hw), packed=True)


def _add_frame_mask(export: Export, archive: Archive, frame_idx: int) -> None:
    size_hw, masks = export.source.video.size_hw, export.masks(frame_idx)
    if export.options["layout"] == "single":
        png = encode_gray8(union(masks, size_hw))
    else:
        ids_hw = paint(masks, numbers_of(export.source.pairs, "instance"), size_hw)
        png = cv2.imencode(".png", ids_hw.astype(np.uint8))[1].tobytes()
    archive.add(f"masks/{export.number(frame_idx)}.png", png, packed=True)
