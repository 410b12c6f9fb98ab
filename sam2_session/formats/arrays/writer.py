"""Writes masks as NumPy arrays: a file per mask, or one compressed file per pair."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO

import numpy as np

from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.source import Pair


def write_files(export: Export) -> FramesDone:
    """Write ``<frame_idx>_<mask_id>.npy`` (uint8, 0 and 1); the manifest lists the mask_ids."""
    ids = {pair: at for at, pair in enumerate(export.source.pairs)}
    export.facts["mask_ids"] = [{"mask_id": at, **pair.to_json()} for pair, at in ids.items()]
    with export.archive() as archive:
        for frame_idx in export.source.frames:
            for pair, read in export.masks(frame_idx):
                file = io.BytesIO()
                np.save(file, read.mask_hw.astype(np.uint8), allow_pickle=False)
                archive.add(f"{frame_idx}_{ids[pair]}.npy", file.getvalue())
            yield frame_idx


def write_stacks(export: Export) -> FramesDone:
    """Write ``<instance>_<region>.npz`` of ``masks`` (frames, height, width) and ``frame_idx``."""
    with export.archive() as archive:
        for pair in export.source.pairs:
            with archive.stream(f"{pair.stem}.npz", packed=True) as file:
                yield from _stack(export, pair, file)


def _stack(export: Export, pair: Pair, file: IO[bytes]) -> Iterator[int]:
    """Write one .npz, itself a ZIP, into the export's ZIP, frame by frame."""
    frames = list(export.source.masked_frames(pair))
    height, width = export.source.video.size_hw
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as stack:
        with stack.open(_entry("masks.npy"), "w", force_zip64=True) as masks:
            _write_header(masks, (len(frames), height, width))
            for frame_idx in export.source.frames:
                if export.has_mask(pair, frame_idx):
                    read = export.read(pair, frame_idx)
                    # a mask deleted meanwhile is written empty, and the manifest says so
                    empty = np.zeros((height, width), np.uint8)
                    masks.write((read.mask_hw.astype(np.uint8) if read else empty).tobytes())
                yield frame_idx
        with stack.open(_entry("frame_idx.npy"), "w") as numbers:
            np.save(numbers, np.asarray(frames, np.int64), allow_pickle=False)


def _write_header(file: IO[bytes], shape: tuple[int, ...]) -> None:
    layout = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, layout)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
