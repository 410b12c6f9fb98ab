"""Writes the selected masks of a video as a stream: ZIP of PNGs, NPZ, or RLE in JSON."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from typing import IO

import numpy as np

from sam2_session.formats.coco.run_lengths import encode_rle
from sam2_session.formats.exporting.source import ExportSource, MaskRead, Pair
from sam2_session.formats.streamed.zip_stream import ZipStream

Pieces = Generator[bytes, None, None]


def zip_of_pngs(source: ExportSource) -> Pieces:
    """Write ``instance1/masks_shaft/00001.png``: the files of each pair as on disk."""
    archive = ZipStream()
    for pair, frame_idx, read in _masks(source):
        name = f"instance{pair.instance_id}/masks_{pair.region}/{frame_idx + 1:05d}.png"
        with archive.entry(name, packed=True) as file:
            file.write(read.png)
        yield archive.take()
    yield archive.end()


def npz_of_stacks(source: ExportSource) -> Pieces:
    """Write two arrays a pair: ``1_shaft`` (frames, height, width), ``1_shaft_frame_idx``.

    A mask deleted while it is written is empty there.
    """
    archive = ZipStream()
    for pair in source.pairs:
        frames = list(source.masked_frames(pair))
        with archive.entry(f"{pair.stem}.npy", packed=False) as file:
            _write_header(file, (len(frames), *source.video.size_hw))
            for frame_idx in frames:
                read = source.read_mask(pair, frame_idx)
                empty = np.zeros(source.video.size_hw, np.bool_)
                file.write((read.mask_hw if read else empty).tobytes())
                yield archive.take()
        with archive.entry(f"{pair.stem}_frame_idx.npy", packed=False) as file:
            np.save(file, np.asarray(frames, np.int64), allow_pickle=False)
        yield archive.take()
    yield archive.end()


def json_of_rle(source: ExportSource) -> Pieces:
    """Write ``{masks: [{instance_id, region, frame_idx, size: [h, w], counts}]}``."""
    yield b'{"masks": ['
    before = b""
    for pair, frame_idx, read in _masks(source):
        named = {"instance_id": pair.instance_id, "region": pair.region, "frame_idx": frame_idx}
        yield before + json.dumps({**named, **encode_rle(read.mask_hw)}).encode()
        before = b",\n"
    yield b"]}"


def _masks(source: ExportSource) -> Iterator[tuple[Pair, int, MaskRead]]:
    """Read the masks one by one, by frame, then by pair."""
    masked = {pair: frozenset(source.masked_frames(pair)) for pair in source.pairs}
    for frame_idx in source.frames:
        for pair in source.pairs:
            if frame_idx in masked[pair] and (read := source.read_mask(pair, frame_idx)):
                yield pair, frame_idx, read


def _write_header(file: IO[bytes], shape: tuple[int, ...]) -> None:
    layout = {"descr": "|b1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, layout)
