"""Lists every format that can be written or read, one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.arrays import writer as npy
from sam2_session.formats.coco import sa_v_writer as sa_v
from sam2_session.formats.coco import writer as coco
from sam2_session.formats.coco import youtube_vis
from sam2_session.formats.cvat import writer as cvat_video
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.label_studio import writer as label_studio_export
from sam2_session.formats.labelme import writer as labelme_export
from sam2_session.formats.native import tables
from sam2_session.formats.png_masks import davis, masks_zip
from sam2_session.formats.rendered import green_screen, overlay_mp4
from sam2_session.formats.surgical import writer as surgical
from sam2_session.formats.yolo import writer as yolo_seg

# The kinds of content a format can hold.
MASKS, IDENTITY, OVERLAP, PROMPTS, KEYPOINTS, IMAGES = (
    "masks",
    "identity",  # the instance and region of each mask
    "overlap",  # two masks on one pixel
    "prompts",
    "keypoints",
    "images",
)


@dataclass(frozen=True, slots=True)
class Exporter:
    """One format to write. `write` yields each frame it has finished, and never holds many."""

    name: str
    label: str
    suffix: str
    holds: frozenset[str]
    write: Callable[[Export], FramesDone]
    options: tuple[FormatOption, ...] = ()
    group: str = ""  # heading in the list on the page
    purpose: str = ""  # its use, one line
    by_pair: bool = False  # passes over the frames once per pair instead of once

    def to_wire(self) -> dict[str, Any]:
        """Describe the format to the page and the command line."""
        return {
            "name": self.name,
            "label": self.label,
            "suffix": self.suffix,
            "group": self.group,
            "purpose": self.purpose,
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
    reads: str = ""  # the content that is imported, one line

    def to_wire(self) -> dict[str, Any]:
        """Describe the format to the page and the command line."""
        return {
            "name": self.name,
            "label": self.label,
            "suffixes": list(self.suffixes),
            "holds": sorted(self.holds),
            "reads": self.reads,
        }


_BOTH = frozenset({MASKS, IDENTITY, OVERLAP})
_ONE_LAYER = frozenset({MASKS, IDENTITY})
_PICTURE = frozenset({MASKS, IMAGES})
_OWN, _TRAINING, _FILM, _OTHERS = (
    "Masks and points",
    "To train a model",
    "Pictures and film",
    "Other annotation programs",
)
_EXPORTERS = (
    Exporter("masks_zip", "Masks: PNG", ".zip", _BOTH, masks_zip.write, masks_zip.OPTIONS,
             _OWN, "Black and white pictures that every program opens"),
    Exporter("davis", "DAVIS: palette PNG", ".zip", _ONE_LAYER | {IMAGES},
             davis.write, davis.OPTIONS,
             _TRAINING, "Video segmentation: one coloured picture for each frame"),
    Exporter("coco", "COCO: instances and keypoints", ".zip", _BOTH | {KEYPOINTS, IMAGES},
             coco.write, coco.OPTIONS,
             _TRAINING, "Instance segmentation and pose: JSON that most trainers read"),
    Exporter("youtube_vis", "YouTube-VIS: video instances", ".zip", _BOTH | {IMAGES},
             youtube_vis.write, youtube_vis.OPTIONS,
             _TRAINING, "Instances followed through the video", by_pair=True),
    Exporter("yolo_seg", "YOLO segmentation", ".zip", frozenset({MASKS, OVERLAP, IMAGES}),
             yolo_seg.write, yolo_seg.OPTIONS,
             _TRAINING, "Outlines as text, with data.yaml: ready for a YOLO trainer"),
    Exporter("sa_v", "SA-V: JSON of SAM 2", ".zip", _BOTH | {IMAGES}, sa_v.write, sa_v.OPTIONS,
             _TRAINING, "To fine-tune SAM 2 itself: run lengths of every object on every frame"),
    Exporter("surgical", "Surgical challenges: EndoVis, SAR-RARP50", ".zip",
             frozenset({MASKS, IMAGES}), surgical.write, surgical.OPTIONS,
             _TRAINING, "Shaft, wrist and clasper as the numbers and colours of the challenges"),
    Exporter("npy", "NumPy: a file for each mask", ".zip", _BOTH, npy.write_files,
             group=_OWN, purpose="Arrays for Python, one for each frame and pair"),
    Exporter("npz", "NumPy: a stack for each pair", ".zip", _BOTH, npy.write_stacks,
             group=_OWN, purpose="Arrays for Python, one stack for each pair", by_pair=True),
    Exporter("green_screen", "Green screen: PNG", ".zip", _PICTURE,
             green_screen.write_screen, green_screen.SCREEN_OPTIONS,
             _FILM, "The objects in front of one colour"),
    Exporter("cut_out", "Cut out: PNG with transparency", ".zip", _PICTURE,
             green_screen.write_cut_out, green_screen.CUT_OUT_OPTIONS,
             _FILM, "The objects alone, to place over something else"),
    Exporter("overlay_mp4", "Video with masks: MP4", ".mp4", _PICTURE | {PROMPTS},
             overlay_mp4.write, overlay_mp4.OPTIONS,
             _FILM, "To show and review; plays in every browser"),
    Exporter("label_studio", "Label Studio: brushes", ".json", _BOTH | {KEYPOINTS},
             label_studio_export.write_brushes, label_studio_export.BRUSH_OPTIONS,
             _OTHERS, "Image tasks with the masks as brushes, and keypoints"),
    Exporter("label_studio_boxes", "Label Studio: boxes of a video", ".json", frozenset({IDENTITY}),
             label_studio_export.write_boxes, label_studio_export.BOX_OPTIONS,
             _OTHERS, "One video task with a track of boxes for each pair", by_pair=True),
    Exporter("cvat_video", "CVAT for video", ".xml", _BOTH, cvat_video.write, cvat_video.OPTIONS,
             _OTHERS, "Masks or tracks of boxes, to go on in CVAT", by_pair=True),
    Exporter("labelme", "LabelMe: JSON", ".zip", _BOTH | {IMAGES},
             labelme_export.write, labelme_export.OPTIONS,
             _OTHERS, "A file for each picture, with masks or polygons"),
    Exporter("tables", "Points and keypoints: CSV and JSON", ".zip",
             frozenset({PROMPTS, KEYPOINTS, IDENTITY}), tables.write, tables.OPTIONS,
             _OWN, "What was clicked, for a spreadsheet or a script"),
)  # fmt: skip
EXPORTERS = {row.name: row for row in _EXPORTERS}
_IMPORTERS = (  # the format of a file is detected from its content
    Importer("label_studio", "Label Studio: JSON", _BOTH | {PROMPTS, KEYPOINTS}, read_import,
             (".json", ".zip"),
             "rectangles, polygons, ellipses, brushes and points of frames, tracks of videos"),
    Importer("mask_folders", "Masks: PNG, palettes (DAVIS)", _BOTH, read_import, (".zip",),
             "a ZIP of masks: of this program, a folder for each object, or numbered colours"),
    Importer("coco", "COCO, YouTube-VIS", _BOTH | {PROMPTS, KEYPOINTS}, read_import,
             (".json", ".zip"), "run lengths, polygons, boxes and keypoints"),
    Importer("arrays", "NumPy: npy, npz", _BOTH, read_import, (".zip",),
             "a ZIP of arrays, as this program writes them: one for each mask, or for each pair"),
    Importer("yolo", "YOLO: label files", _BOTH | {PROMPTS}, read_import, (".zip",),
             "a ZIP with the folder labels and data.yaml: outlines, or boxes"),
    Importer("cvat", "CVAT for video: XML", _BOTH | {PROMPTS}, read_import, (".xml", ".zip"),
             "masks, and tracks of boxes, polygons, ellipses and points"),
    Importer("labelme", "LabelMe, X-AnyLabeling: JSON", _BOTH | {PROMPTS}, read_import,
             (".json", ".zip"),
             "polygons, rectangles, points, circles and masks; one file for each picture"),
    Importer("sa_v", "SA-V: JSON of SAM 2", _BOTH, read_import, (".json", ".zip"),
             "run lengths of every object, on every frame or every few"),
    Importer("surgical", "Surgical challenges: EndoVis, SAR-RARP50", _ONE_LAYER, read_import,
             (".zip",), "parts as regions; types, needles and threads as instances"),
    Importer("points_json", "Points and keypoints: JSON", frozenset({PROMPTS, KEYPOINTS, IDENTITY}),
             read_import, (".json", ".zip"), "points, boxes and keypoints of this program"),
)  # fmt: skip
IMPORTERS = {row.name: row for row in _IMPORTERS}


def exporter(name: object) -> Exporter:
    """Find an exporter by name. Raises `InvalidRequest`."""
    found = EXPORTERS.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(EXPORTERS)
        raise InvalidRequest(f"There is no format {str(name)[:80]!r}.", hint=f"Choose: {known}.")
    return found
