"""Stores what propagation predicted on each frame of one pair, in fixed-size records.

A session that was evicted, or whose process died, recomputes its memories from these logits and
goes on bit for bit. The log is only a cache: a record torn by a crash fails its checksum and reads
as absent, and deleting the file costs a new propagation, never a prompt or a mask.
"""

from __future__ import annotations

import errno
import hashlib
import math
import os
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np

from sam2_session.core.predictions import Prediction
from sam2_session.storage.atomic import storage_failed

_FILE_HEADER = struct.Struct("<8s64sHHH")  # magic, model signature, logits height, width, pointer
_RECORD_HEADER = struct.Struct("<BBBIIff")  # kind, reverse, rival, run, checksum, score, IoU
_MAGIC = b"s2track2"
_OLDER_HEADER = struct.Struct("<BBIIf")  # as above, without rival and IoU
_OLDER_MAGIC = b"s2track1"


class RecordKind(IntEnum):
    """Kind of a record."""

    ABSENT = 0
    TRACKED = 1
    CONDITIONED = 2  # a prompted frame the run passed: it counts as tracked, without a prediction


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """One frame of a run; `prediction` is None on a conditioned frame."""

    kind: RecordKind
    reverse: bool
    run: int
    prediction: Prediction | None


@dataclass(frozen=True, slots=True)
class TrackTrust:
    """Score, expected IoU and rival of a tracked frame; see `Prediction`."""

    score: float
    iou: float | None
    has_rival: bool


class TrackLog:
    """Reads and writes records by frame index; a file of another model counts as empty."""

    def __init__(self, path: Path, signature: str, logits_hw: tuple[int, int], pointer: int):
        self._path = path
        self._logits_hw = logits_hw
        self._pointer = pointer
        self._floats = logits_hw[0] * logits_hw[1] + pointer
        self._is_older = False
        self._names = (_short(signature).ljust(64, b"\0"), *logits_hw, pointer)
        self._signature = signature
        self._writes = True
        self._file: int | None = None
        self._usable: bool | None = None

    def read_only(self) -> TrackLog:
        """Return a second reader of the same file, which ignores what it is told to write."""
        reader = TrackLog(self._path, self._signature, self._logits_hw, self._pointer)
        reader._writes = False
        return reader

    def read(self, frame_idx: int) -> TrackRecord | None:
        """Read the record of a frame, or None."""
        if frame_idx < 0 or not self._open_existing():
            return None
        data = os.pread(self._descriptor(), self._record_bytes, self._offset(frame_idx))
        if len(data) < self._header_bytes:
            return None
        kind, reverse, rival, run, checksum, score, iou = self._unpack(data)
        if kind == RecordKind.CONDITIONED:
            return TrackRecord(RecordKind.CONDITIONED, bool(reverse), run, None)
        body = data[self._header_bytes :]
        if kind != RecordKind.TRACKED or len(body) != 4 * self._floats:
            return None
        if zlib.crc32(body) != checksum:
            return None
        prediction = self._prediction(body, score, iou, has_rival=bool(rival))
        return TrackRecord(RecordKind.TRACKED, bool(reverse), run, prediction)

    def read_trust(self, frame_idx: int) -> TrackTrust | None:
        """Read how far a tracked frame is to be trusted, without its prediction."""
        if frame_idx < 0 or not self._open_existing():
            return None
        data = os.pread(self._descriptor(), self._header_bytes, self._offset(frame_idx))
        if len(data) < self._header_bytes:
            return None
        kind, _, rival, _, _, score, iou = self._unpack(data)
        return TrackTrust(score, iou, bool(rival)) if kind == RecordKind.TRACKED else None

    def header(self, frame_idx: int) -> tuple[int, bool, int] | None:
        """Read kind, direction and run of a frame's record, or None; run 0: never written."""
        return None if frame_idx < 0 else self._read_header(frame_idx)

    def write(self, frame_idx: int, prediction: Prediction, *, reverse: bool, run: int) -> None:
        """Store the prediction of a tracked frame."""
        body = prediction.logits_hw.tobytes() + prediction.pointer_c.tobytes()
        iou = math.nan if prediction.iou is None else prediction.iou
        marks = (reverse, prediction.has_rival, run, zlib.crc32(body))
        self._put(frame_idx, (RecordKind.TRACKED, *marks, prediction.score, iou), body)

    def mark_conditioned(self, frame_idx: int, *, reverse: bool, run: int) -> None:
        """Record that a run passed a prompted frame."""
        self._put_header(frame_idx, RecordKind.CONDITIONED, reverse=reverse, run=run)

    def erase(self, frame_idx: int) -> None:
        """Erase a frame's record; `restore` can bring a conditioned one back."""
        record = self.read(frame_idx)
        if record is not None:
            self._put_header(frame_idx, RecordKind.ABSENT, reverse=record.reverse, run=record.run)

    def restore(self, frame_idx: int) -> None:
        """Undo `erase` for a conditioned frame; does nothing for any other."""
        header = self._read_header(frame_idx)
        if header is not None and header[0] == RecordKind.ABSENT and header[2]:
            _, reverse, run = header
            self._put_header(frame_idx, RecordKind.CONDITIONED, reverse=reverse, run=run)

    def create(self) -> None:
        """Make the file if there is none yet."""
        self._create()

    @property
    def num_records(self) -> int:
        """One more than the last frame that has a record."""
        if not self._open_existing():
            return 0
        size = os.fstat(self._descriptor()).st_size - _FILE_HEADER.size
        return -(-max(size, 0) // self._record_bytes)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            self._usable = None

    def _prediction(
        self, body: bytes, score: float, iou: float | None, *, has_rival: bool
    ) -> Prediction:
        floats = np.frombuffer(body, np.float32)
        split = self._floats - self._pointer
        logits_hw = floats[:split].reshape(self._logits_hw)
        return Prediction(logits_hw, floats[split:], score, iou, has_rival)

    @property
    def _header_bytes(self) -> int:
        return (_OLDER_HEADER if self._is_older else _RECORD_HEADER).size

    @property
    def _record_bytes(self) -> int:
        return self._header_bytes + 4 * self._floats

    def _unpack(self, data: bytes) -> tuple[int, bool, bool, int, int, float, float | None]:
        """Unpack a record's header; an older file knows neither rivals nor IoU."""
        if self._is_older:
            kind, reverse, run, checksum, score = _OLDER_HEADER.unpack_from(data)
            return kind, reverse, False, run, checksum, score, None
        kind, reverse, rival, run, checksum, score, iou = _RECORD_HEADER.unpack_from(data)
        return kind, reverse, rival, run, checksum, score, None if math.isnan(iou) else iou

    def _read_header(self, frame_idx: int) -> tuple[int, bool, int] | None:
        """Read kind, direction and run of a record."""
        if not self._open_existing():
            return None
        size = self._header_bytes
        data = os.pread(self._descriptor(), size, self._offset(frame_idx))
        if len(data) < size:
            return None
        kind, reverse, _, run, *_ = self._unpack(data)
        return kind, bool(reverse), run

    def _put_header(self, frame_idx: int, kind: RecordKind, *, reverse: bool, run: int) -> None:
        self._put(frame_idx, (kind, reverse, False, run, 0, 0.0, math.nan))

    def _put(self, frame_idx: int, header: tuple[Any, ...], body: bytes = b"") -> None:
        if not self._writes:
            return
        try:
            self._create()
            data = self._pack(header) + body
            written = os.pwrite(self._descriptor(), data, self._offset(frame_idx))
            if written < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise storage_failed(self._path, error) from error

    def _pack(self, header: tuple[Any, ...]) -> bytes:
        if not self._is_older:
            return _RECORD_HEADER.pack(*header)
        kind, reverse, _, run, checksum, score, _ = header
        return _OLDER_HEADER.pack(kind, reverse, run, checksum, score)

    def _offset(self, frame_idx: int) -> int:
        return _FILE_HEADER.size + frame_idx * self._record_bytes

    def _descriptor(self) -> int:
        assert self._file is not None
        return self._file

    def _open_existing(self) -> bool:
        if self._usable is None:
            try:
                self._file = os.open(self._path, os.O_RDWR)
            except FileNotFoundError:
                return False
            header = os.pread(self._file, _FILE_HEADER.size, 0)
            self._is_older = header == _FILE_HEADER.pack(_OLDER_MAGIC, *self._names)
            self._usable = self._is_older or header == _FILE_HEADER.pack(_MAGIC, *self._names)
        return self._usable

    def _create(self) -> None:
        if self._open_existing():
            return
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.pwrite(self._file, _FILE_HEADER.pack(_MAGIC, *self._names), 0)
        self._usable = True


def _short(signature: str) -> bytes:
    """Shorten a signature to at most 64 bytes, still unique."""
    text = signature.encode()
    return text if len(text) <= 64 else hashlib.sha256(text).hexdigest().encode()
