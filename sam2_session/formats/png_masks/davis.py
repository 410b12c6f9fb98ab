"""Writes the DAVIS layout: one palette PNG per frame with the object's number at each pixel."""

from __future__ import annotations

import io

from PIL import Image

from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import Ids, legend, numbers_of, paint
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.shared_options import DIGITS, EMPTY, FROM_ZERO, IMAGES
from sam2_session.formats.exporting.source import Pair

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
    palette = _palette(numbers)
    with export.archive() as archive:
        for frame_idx in export.source.frames:
            if export.options["empty_frames"] or export.is_masked(frame_idx):
                _add(export, archive, frame_idx, numbers, palette)
            yield frame_idx
        name = export.source.video.video_id
        archive.add("ImageSets/2017/val.txt", f"{name}\n".encode())


def _add(
    export: Export, archive: Archive, frame_idx: int, numbers: dict[Pair, int], palette: bytes
) -> None:
    ids_hw = paint(export.masks(frame_idx), numbers, export.source.video.size_hw)
    stem = f"480p/{export.source.video.video_id}/{export.number(frame_idx)}"
    archive.add(f"Annotations/{stem}.png", _palette_png(ids_hw, palette), packed=True)
    if export.options["images"]:
        frame = export.source.read_frame_file(frame_idx)
        archive.add(f"JPEGImages/{stem}.jpg", frame, packed=True)


def _palette_png(ids_hw: Ids, palette: bytes) -> bytes:
    image = Image.fromarray(ids_hw)
    image.putpalette(palette)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _palette(numbers: dict[Pair, int]) -> bytes:
    """Build a palette of the page's colours; of regions with one number, the first counts."""
    colours = bytearray(3 * 256)
    for pair, number in reversed(numbers.items()):
        colours[3 * number : 3 * number + 3] = bytes.fromhex(pair.colour[1:])
    return bytes(colours)
