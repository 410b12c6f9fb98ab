"""Writes the DAVIS layout: one palette PNG per frame with the object's number at each pixel."""

from __future__ import annotations

from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import legend, numbers_of, paint
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import DIGITS, EMPTY, FROM_ZERO, IMAGES
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.png_masks.id_pictures import encode_ids

IDS = FormatOption(
    "ids",
    "instance",
    "instance: a pixel's number is the id of its instance; pair: each region has its own number.",
    choices=("instance", "pair"),
)
OPTIONS = (IDS, IMAGES, EMPTY, DIGITS, FROM_ZERO)


def write(export: Export) -> FramesDone:
    """Write ``Annotations/480p/<video>/00000.png``, and ``JPEGImages`` if the option is set."""
    numbers = numbers_of(export.source.pairs, str(export.options["ids"]))
    export.facts |= legend(numbers)
    with export.archive() as archive:
        for frame_idx in export.source.frames:
            if export.options["empty_frames"] or export.is_masked(frame_idx):
                _add(export, archive, frame_idx, numbers)
            yield frame_idx
        name = export.source.video.video_id
        archive.add("ImageSets/2017/val.txt", f"{name}\n".encode())


def _add(export: Export, archive: Archive, frame_idx: int, numbers: dict[Pair, int]) -> None:
    ids_hw = paint(export.masks(frame_idx), numbers, export.source.video.size_hw)
    stem = f"480p/{export.source.video.video_id}/{export.number(frame_idx)}"
    archive.add(f"Annotations/{stem}.png", encode_ids(ids_hw, numbers), packed=True)
    if export.options["images"]:
        frame = export.source.read_frame_file(frame_idx)
        archive.add(f"JPEGImages/{stem}.jpg", frame, packed=True)
