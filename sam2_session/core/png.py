"""Encodes binary masks as grey PNG: 8 bits per pixel for files, 1 bit for the wire.

These two encoders are three to ten times faster than an image library's, because a mask holds only
two values. It is nearly all runs of one of them: a search for nothing but runs (`zlib.Z_RLE`) makes
files of a quarter of the size in the same time, and rows need no filter for it.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNK_FRAME = 12  # bytes of a chunk beside its data: length, kind, checksum
MAX_CHUNKS = 1_000_000
NO_FILTER = 0  # of a row: its bytes are stored as they are
LEVEL, WINDOW_BITS, MEMORY_LEVEL = 1, 15, 8  # of zlib; but for the level its defaults


def encode_gray8(mask_hw: BoolMask) -> bytes:
    """Encode a mask as a grey PNG of 0 and 255."""
    height, width = mask_hw.shape
    rows_hw = _rows(height, width)
    np.multiply(mask_hw.view(np.uint8), np.uint8(255), out=rows_hw[:, 1:])
    return _png(mask_hw.shape, 8, rows_hw)


def encode_bits(mask_hw: BoolMask) -> bytes:
    """Encode a mask as a 1-bit PNG, which takes three quarters of the bytes and less time."""
    bits_hw = np.packbits(mask_hw, axis=1)
    rows_hw = _rows(*bits_hw.shape)
    rows_hw[:, 1:] = bits_hw
    return _png(mask_hw.shape, 1, rows_hw)


def is_grey(png: bytes) -> bool:
    """Tell if a PNG has the form that the encoders above write, so that the page can read it."""
    depth, colour, _, _, interlaced = (*png[24:29], *bytes(5))[:5]
    return png[:8] == SIGNATURE and depth in (1, 8) and colour == interlaced == 0


def has_whole_chunks(png: bytes) -> bool:
    """Tell if every chunk of a PNG lies within it, as its length says.

    Decoders may take memory by that length, up to 4 GB, before they find that the file is short.
    """
    at = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if at + CHUNK_FRAME > len(png):
            return True
        length, kind = struct.unpack_from(">I4s", png, at)
        at += CHUNK_FRAME + length
        if at > len(png):
            return False
        if kind == b"IEND":
            return True
    return False


def _rows(height: int, row_bytes: int) -> npt.NDArray[np.uint8]:
    """Make rows that begin with their filter; the rest is still to be filled in."""
    rows_hw = np.empty((height, row_bytes + 1), np.uint8)
    rows_hw[:, 0] = NO_FILTER
    return rows_hw


def _png(size_hw: tuple[int, ...], bit_depth: int, rows_hw: npt.NDArray[np.uint8]) -> bytes:
    height, width = size_hw
    header = struct.pack(">IIBBBBB", width, height, bit_depth, 0, 0, 0, 0)
    chunks = (
        _chunk(b"IHDR", header),
        _chunk(b"IDAT", _deflated(rows_hw)),
        _chunk(b"IEND", b""),
    )
    return SIGNATURE + b"".join(chunks)


def _deflated(rows_hw: npt.NDArray[np.uint8]) -> bytes:
    runs = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL, zlib.Z_RLE)
    return runs.compress(rows_hw.data) + runs.flush()


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
