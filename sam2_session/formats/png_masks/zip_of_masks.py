"""Sends masks as a ZIP of PNGs, made while it is sent."""

from __future__ import annotations

from sam2_session.core.frame_files import file_number
from sam2_session.formats.exporting.reading import Pieces, masks_of
from sam2_session.formats.exporting.source import ExportSource
from sam2_session.formats.exporting.zip_stream import ZipStream


def zip_of_pngs(source: ExportSource) -> Pieces:
    """Write ``instance1/masks_shaft/00001.png``: the files of each pair as on disk."""
    archive = ZipStream()
    for pair, frame_idx, read in masks_of(source):
        name = f"instance{pair.instance_id}/masks_{pair.region}/{file_number(frame_idx)}.png"
        with archive.entry(name, packed=True) as file:
            file.write(read.png)
        yield archive.take()
    yield archive.end()
