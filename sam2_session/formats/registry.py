"""Every format that can be written or read: one row each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats import (
    coco,
    cvat_video,
    davis,
    green_screen,
    label_studio_export,
    masks_zip,
    npy,
    overlay_mp4,
    tables,
    yolo_seg,
    youtube_vis,
)
from sam2_session.formats.export_run import Export
from sam2_session.formats.options import FormatOption
from sam2_session.formats.reading import read_import

# What a format can hold.
MASKS, IDENTITY, OVERLAP, PROMPTS, KEYPOINTS, IMAGES = (
    "masks",
    "identity",  # which instance and region a mask belongs to
    "overlap",  # two masks on one pixel
    "prompts",
    "keypoints",
    "images",
)


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format to write. `write` yields each frame it has done, and never holds many."""

    name: str
    label: str
    suffix: str
    holds: frozenset[str]
    write: Callable[[Export], Iterator[int]]
    options: tuple[FormatOption, ...] = ()
    by_pair: bool = False  # it goes through the frames once for each pair, not once for all

    def to_wire(self) -> dict[str, Any]:
        """For the page and the command line."""
        return {
            "name": self.name,
            "label": self.label,
            "suffix": self.suffix,
            "holds": sorted(self.holds),
            "options": [option.to_wire() for option in self.options],
        }


@dataclass(frozen=True, slots=True)
class Importer:
    """One format to read."""

    name: str
    label: str
    holds: frozenset[str]
    read: Callable[..., Any]
    suffixes: tuple[str, ...] = ()
    options: tuple[FormatOption, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """For the page and the command line."""
        return {
            "name": self.name,
            "label": self.label,
            "suffixes": list(self.suffixes),
            "holds": sorted(self.holds),
            "options": [option.to_wire() for option in self.options],
        }


_BOTH = frozenset({MASKS, IDENTITY, OVERLAP})
_ONE_LAYER = frozenset({MASKS, IDENTITY})
_PICTURE = frozenset({MASKS, IMAGES})
_EXPORTERS = (
    Exporter("masks_zip", "Masks: PNG", ".zip", _BOTH, masks_zip.write, masks_zip.OPTIONS),
    Exporter("davis", "DAVIS: palette PNG", ".zip", _ONE_LAYER | {IMAGES},
             davis.write, davis.OPTIONS),
    Exporter("coco", "COCO: instances and keypoints", ".zip", _BOTH | {KEYPOINTS, IMAGES},
             coco.write, coco.OPTIONS),
    Exporter("youtube_vis", "YouTube-VIS: video instances", ".zip", _BOTH | {IMAGES},
             youtube_vis.write, youtube_vis.OPTIONS, by_pair=True),
    Exporter("yolo_seg", "YOLO segmentation", ".zip", frozenset({MASKS, OVERLAP, IMAGES}),
             yolo_seg.write, yolo_seg.OPTIONS),
    Exporter("npy", "NumPy: a file for each mask", ".zip", _BOTH, npy.write_files),
    Exporter("npz", "NumPy: a stack for each pair", ".zip", _BOTH, npy.write_stacks, by_pair=True),
    Exporter("green_screen", "Green screen: PNG", ".zip", _PICTURE,
             green_screen.write_screen, green_screen.SCREEN_OPTIONS),
    Exporter("cut_out", "Cut out: PNG with transparency", ".zip", _PICTURE,
             green_screen.write_cut_out, green_screen.CUT_OUT_OPTIONS),
    Exporter("overlay_mp4", "Video with masks: MP4", ".mp4", _PICTURE | {PROMPTS},
             overlay_mp4.write, overlay_mp4.OPTIONS),
    Exporter("label_studio", "Label Studio: brushes", ".json", _BOTH,
             label_studio_export.write_brushes, label_studio_export.BRUSH_OPTIONS),
    Exporter("label_studio_boxes", "Label Studio: boxes of a video", ".json", frozenset({IDENTITY}),
             label_studio_export.write_boxes, label_studio_export.BOX_OPTIONS, by_pair=True),
    Exporter("cvat_video", "CVAT for video", ".xml", _BOTH, cvat_video.write, cvat_video.OPTIONS,
             by_pair=True),
    Exporter("tables", "Points and keypoints: CSV and JSON", ".zip",
             frozenset({PROMPTS, KEYPOINTS, IDENTITY}), tables.write),
)  # fmt: skip
EXPORTERS = {one.name: one for one in _EXPORTERS}
_IMPORTERS = (  # which one a file is follows from what is in it
    Importer("label_studio", "Label Studio: JSON", _BOTH | {PROMPTS, KEYPOINTS}, read_import,
             (".json", ".zip")),
    Importer("mask_folders", "Masks: PNG, palettes (DAVIS)", _BOTH, read_import, (".zip",)),
    Importer("coco", "COCO, YouTube-VIS", _BOTH | {PROMPTS, KEYPOINTS}, read_import,
             (".json", ".zip")),
    Importer("points_json", "Points and keypoints: JSON", frozenset({PROMPTS, KEYPOINTS, IDENTITY}),
             read_import, (".json", ".zip")),
)  # fmt: skip
IMPORTERS = {one.name: one for one in _IMPORTERS}


def exporter(name: object) -> Exporter:
    """An exporter by name. Raises `InvalidRequest`."""
    found = EXPORTERS.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(EXPORTERS)
        raise InvalidRequest(f"There is no format {str(name)[:80]!r}.", hint=f"Choose: {known}.")
    return found
