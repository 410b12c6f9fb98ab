"""Sends masks as run lengths in JSON, made while it is sent."""

from __future__ import annotations

import json

from sam2_session.formats.coco.run_lengths import encode_rle
from sam2_session.formats.exporting.reading import Pieces, masks_of
from sam2_session.formats.exporting.source import ExportSource


def json_of_rle(source: ExportSource) -> Pieces:
    """Write ``{masks: [{instance_id, region, frame_idx, size: [h, w], counts}]}``."""
    yield b'{"masks": ['
    before = b""
    for pair, frame_idx, read in masks_of(source):
        named = {"instance_id": pair.instance_id, "region": pair.region, "frame_idx": frame_idx}
        yield before + json.dumps({**named, **encode_rle(read.mask_hw)}).encode()
        before = b",\n"
    yield b"]}"
