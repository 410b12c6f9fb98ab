"""Records of a track log's file by frame index: packed ones, and those of older versions."""

from __future__ import annotations

import errno
import math
import os
import struct
import zlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np

_OLDEST = struct.Struct("<BBIIf")  # kind, reverse, run, checksum, score
_OLDER = struct.Struct("<BBBIIff")  # kind, reverse, rival, run, checksum, score, IoU
_PAGE = struct.Struct("<QI")  # place of the next page, number of this one
_SLOT = struct.Struct("<BBBxIIffQII")  # as `_OLDER`, then place, length and room of the body
_FIRST = struct.Struct("<Q")  # place of the first page, behind the file's header
SLOTS = 256  # records of a page
SPARE = 32  # a body may grow by this part of its length and stay in its place
FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """The facts of a record without its body; run 0: it was never written."""

    kind: int
    reverse: bool
    rival: bool
    run: int
    score: float = 0.0
    iou: float | None = None


class Records(Protocol):
    """Records of an open file."""

    def header(self, frame_idx: int) -> RecordHeader | None:
        """Read a record's header; None beyond the end."""

    def body(self, frame_idx: int) -> bytes | None:
        """Read a record's body; None if there is none, or it is torn."""

    def put(self, frame_idx: int, header: RecordHeader, body: bytes) -> None:
        """Write a record. Raises OSError."""

    @property
    def count(self) -> int:
        """Return one more than the last frame that has a record."""


class FixedRecords:
    """Records of one length, as versions before wrote them; they are still read and written."""

    def __init__(self, file: int, start: int, body_bytes: int, *, is_oldest: bool) -> None:
        self._file = file
        self._start = start
        self._body_bytes = body_bytes
        self._layout = _OLDEST if is_oldest else _OLDER

    def header(self, frame_idx: int) -> RecordHeader | None:
        """Read a record's header; None beyond the end."""
        data = os.pread(self._file, self._layout.size, self._place(frame_idx))
        return self._unpack(data)[0] if len(data) == self._layout.size else None

    def body(self, frame_idx: int) -> bytes | None:
        """Read a record's body; None if there is none, or it is torn."""
        data = os.pread(self._file, self._layout.size + self._body_bytes, self._place(frame_idx))
        if len(data) != self._layout.size + self._body_bytes:
            return None
        _, checksum = self._unpack(data)
        body = data[self._layout.size :]
        return body if zlib.crc32(body) == checksum else None

    def put(self, frame_idx: int, header: RecordHeader, body: bytes) -> None:
        """Write a record. Raises OSError."""
        checksum = zlib.crc32(body) if body else 0
        marks = (header.kind, header.reverse)
        if self._layout is _OLDEST:
            packed = _OLDEST.pack(*marks, header.run, checksum, header.score)
        else:
            iou = math.nan if header.iou is None else header.iou
            packed = _OLDER.pack(*marks, header.rival, header.run, checksum, header.score, iou)
        _write(self._file, packed + body, self._place(frame_idx))

    @property
    def count(self) -> int:
        """Return one more than the last frame that has a record."""
        size = os.fstat(self._file).st_size - self._start
        return -(-max(size, 0) // (self._layout.size + self._body_bytes))

    def _place(self, frame_idx: int) -> int:
        return self._start + frame_idx * (self._layout.size + self._body_bytes)

    def _unpack(self, data: bytes) -> tuple[RecordHeader, int]:
        """Unpack header and checksum; the oldest files know neither rivals nor IoU."""
        if self._layout is _OLDEST:
            kind, reverse, run, checksum, score = _OLDEST.unpack_from(data)
            return RecordHeader(kind, bool(reverse), False, run, score), checksum
        kind, reverse, rival, run, checksum, score, iou = _OLDER.unpack_from(data)
        return _header(kind, reverse, rival, run, score, iou), checksum


class PackedRecords:
    """Records whose bodies are compressed without loss, found by pages of slots.

    A page is appended when a frame of it is first written, and linked from the one before. A body
    stays in its place where it fits, else it is appended; then its slot names it. What a crash cuts
    short fails its checksum, or is named by nothing.
    """

    def __init__(self, file: int, start: int) -> None:
        self._file = file
        self._start = start
        self._pages: dict[int, int] = {}  # number -> place
        self._last_link = start  # offset of the link to the next page

    def header(self, frame_idx: int) -> RecordHeader | None:
        """Read a record's header; None beyond the end."""
        slot = self._slot(frame_idx)
        if slot is None:
            return None
        kind, reverse, rival, run, _, score, iou, *_ = slot
        return _header(kind, reverse, rival, run, score, iou)

    def body(self, frame_idx: int) -> bytes | None:
        """Read a record's body; None if there is none, or it is torn."""
        slot = self._slot(frame_idx)
        if slot is None:
            return None
        checksum, place, length = slot[4], slot[7], slot[8]
        packed = os.pread(self._file, length, place) if length else b""
        if not packed or zlib.crc32(packed) != checksum:
            return None
        return _merged(zlib.decompress(packed))

    def put(self, frame_idx: int, header: RecordHeader, body: bytes) -> None:
        """Write a record. Raises OSError."""
        slot_place = self._slot_place(frame_idx) or self._add_page(frame_idx)
        packed = zlib.compress(_split(body), 1) if body else b""
        *_, place, _, room = self._slot(frame_idx) or (0, 0, 0)
        if len(packed) > room:
            place, room = self._end(), len(packed) + len(packed) // SPARE
            os.ftruncate(self._file, place + room)
        if packed:
            _write(self._file, packed, place)
        iou = math.nan if header.iou is None else header.iou
        marks = (header.kind, header.reverse, header.rival, header.run, zlib.crc32(packed))
        slot = _SLOT.pack(*marks, header.score, iou, place, len(packed), room)
        _write(self._file, slot, slot_place)

    @property
    def count(self) -> int:
        """Return one more than the last frame that has a record."""
        self._read_pages()
        for number in sorted(self._pages, reverse=True):
            data = os.pread(self._file, SLOTS * _SLOT.size, self._pages[number] + _PAGE.size)
            runs = [run for _, _, _, run, *_ in _SLOT.iter_unpack(data)]
            written = [at for at, run in enumerate(runs, start=1) if run]
            if written:
                return number * SLOTS + written[-1]
        return 0

    def _slot(self, frame_idx: int) -> tuple[int, ...] | None:
        place = self._slot_place(frame_idx)
        data = os.pread(self._file, _SLOT.size, place) if place else b""
        return _SLOT.unpack(data) if len(data) == _SLOT.size else None

    def _slot_place(self, frame_idx: int) -> int | None:
        number, at = divmod(frame_idx, SLOTS)
        if number not in self._pages:
            self._read_pages()
        page = self._pages.get(number)
        return None if page is None else page + _PAGE.size + at * _SLOT.size

    def _read_pages(self) -> None:
        """Follow the links to pages that were added since."""
        while True:
            data = os.pread(self._file, _FIRST.size, self._last_link)
            place = _FIRST.unpack(data)[0] if len(data) == _FIRST.size else 0
            head = os.pread(self._file, _PAGE.size, place) if place else b""
            if len(head) < _PAGE.size:
                return
            _, number = _PAGE.unpack(head)
            self._pages[number], self._last_link = place, place

    def _add_page(self, frame_idx: int) -> int:
        """Append the page of a frame, and link it; returns the place of the frame's slot."""
        number, at = divmod(frame_idx, SLOTS)
        place = max(self._end(), self._start + _FIRST.size)
        _write(self._file, _PAGE.pack(0, number) + bytes(SLOTS * _SLOT.size), place)
        _write(self._file, _FIRST.pack(place), self._last_link)
        self._pages[number], self._last_link = place, place
        return place + _PAGE.size + at * _SLOT.size

    def _end(self) -> int:
        return os.fstat(self._file).st_size


def _header(
    kind: int, reverse: int, rival: int, run: int, score: float, iou: float
) -> RecordHeader:
    known_iou = None if math.isnan(iou) else iou
    return RecordHeader(kind, bool(reverse), bool(rival), run, score, known_iou)


def _split(body: bytes) -> bytes:
    """Sort the bytes of floats by their place in the float: exponents compress among themselves."""
    return np.frombuffer(body, np.uint8).reshape(-1, FLOAT_BYTES).T.tobytes()


def _merged(split: bytes) -> bytes:
    return np.frombuffer(split, np.uint8).reshape(FLOAT_BYTES, -1).T.tobytes()


def _write(file: int, data: bytes, place: int) -> None:
    if os.pwrite(file, data, place) < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
