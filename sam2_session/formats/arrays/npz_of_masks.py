"""Sends masks as an NPZ of stacks, made while it is sent."""

from __future__ import annotations

from typing import IO

import numpy as np

from sam2_session.formats.exporting.reading import Pieces
from sam2_session.formats.exporting.source import ExportSource
from sam2_session.formats.exporting.zip_stream import ZipStream


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


def _write_header(file: IO[bytes], shape: tuple[int, ...]) -> None:
    layout = {"descr": "|b1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, layout)
