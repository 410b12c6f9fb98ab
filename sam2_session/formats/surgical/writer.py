"""Writes the layouts of surgical challenges: EndoVis 2017 and 2018, SAR-RARP50."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import RULE
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import EMPTY, IMAGES
from sam2_session.formats.exporting.source import MaskRead, Pair
from sam2_session.formats.surgical.values import (
    ENDOVIS_2017,
    ENDOVIS_2018,
    LAYOUTS,
    OTHER_TYPE,
    SAR_RARP50,
    TYPE_STEP,
    TYPES,
    find_value,
    plain,
    values_of,
)

LAYOUT = FormatOption(
    "layout",
    ENDOVIS_2017,
    "endovis_2017: binary, parts and type in greys; endovis_2018: one picture of colours; "
    "sar_rarp50: one picture of numbers.",
    choices=LAYOUTS,
)
VALUES = FormatOption(
    "values",
    "",
    "Values of regions or classes in place of the layout's own: shaft=85, needle driver/tip=40; "
    "of endovis_2018 colours: shaft=#00ff00.",
)
OPTIONS = (LAYOUT, VALUES, IMAGES, EMPTY)
NO_VALUE = "pairs for which the layout has no value: left out of its pictures of parts"
NO_TYPE = "instances whose class is none of the types of EndoVis 2017: type 7, other"
FOLDERS = {ENDOVIS_2018: "labels", SAR_RARP50: "segmentation"}
Picture = npt.NDArray[np.int32]  # (h, w): a grey, an index, or 0xRRGGBB


def write(export: Export) -> FramesDone:
    """Write a picture, or three, for each frame; the clasper is the region gripper."""
    layout = str(export.options["layout"])
    values = values_of(layout, str(export.options["values"]))
    numbers = {
        pair: value
        for pair in export.source.pairs
        if (value := find_value(values, pair.region, pair.instance.class_name)) is not None
    }
    types = _types(export) if layout == ENDOVIS_2017 else {}
    missing = len(export.source.pairs) - len(numbers)
    if missing:
        export.remarks.add(NO_VALUE, missing)
    rows = [{"value": numbers.get(pair), "type": types.get(pair), **pair.to_json()}
            for pair in export.source.pairs]  # fmt: skip
    export.facts |= {"overlap": RULE, "values": rows}
    with export.archive() as archive:
        for frame_idx in export.source.frames:
            if export.options["empty_frames"] or export.is_masked(frame_idx):
                _add(export, archive, frame_idx, (numbers, types))
            yield frame_idx


def _types(export: Export) -> dict[Pair, int]:
    known = {plain(name): number for name, number in TYPES.items()}
    types = {
        pair: known.get(plain(pair.instance.class_name or ""), OTHER_TYPE)
        for pair in export.source.pairs
    }
    unknown = {
        pair.instance_id for pair in types if plain(pair.instance.class_name or "") not in known
    }
    if unknown:
        export.remarks.add(NO_TYPE, len(unknown))
    return types


def _add(
    export: Export,
    archive: Archive,
    frame_idx: int,
    tables: tuple[dict[Pair, int], dict[Pair, int]],
) -> None:
    numbers, types = tables
    masks = list(export.masks(frame_idx))
    size_hw, layout = export.source.video.size_hw, export.options["layout"]
    number = frame_idx + export.number_offset
    name = f"{number:09d}" if layout == SAR_RARP50 else f"frame{number:03d}"
    if layout == ENDOVIS_2017:
        whole = dict.fromkeys(export.source.pairs, 255)
        greys = {pair: TYPE_STEP * number for pair, number in types.items()}
        for folder, table in (("Binary", whole), ("Parts", numbers), ("Type", greys)):
            path = f"ground_truth/{folder}Segmentation/{name}.png"
            archive.add(path, _png(_paint(masks, table, size_hw), in_colour=False), packed=True)
    else:
        picture = _paint(masks, numbers, size_hw)
        png = _png(picture, in_colour=layout == ENDOVIS_2018)
        archive.add(f"{FOLDERS[str(layout)]}/{name}.png", png, packed=True)
    if export.options["images"]:
        folder = "rgb" if layout == SAR_RARP50 else "left_frames"
        data = export.source.read_frame_file(frame_idx)
        archive.add(f"{folder}/{name}.jpg", data, packed=True)


def _paint(
    masks: Iterable[tuple[Pair, MaskRead]], table: dict[Pair, int], size_hw: tuple[int, int]
) -> Picture:
    picture_hw = np.zeros(size_hw, np.int32)
    for pair, read in masks:
        if pair in table:
            picture_hw[read.mask_hw] = table[pair]
    return picture_hw


def _png(picture_hw: Picture, *, in_colour: bool) -> bytes:
    if not in_colour:
        return cv2.imencode(".png", picture_hw.astype(np.uint8))[1].tobytes()
    channels = [(picture_hw >> shift) & 0xFF for shift in (0, 8, 16)]  # blue, green, red
    return cv2.imencode(".png", np.dstack(channels).astype(np.uint8))[1].tobytes()
