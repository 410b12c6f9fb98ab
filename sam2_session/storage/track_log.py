"""Stores what propagation predicted on each frame of one pair, in fixed-size records.

A session that was evicted, or whose process died, recomputes its memories from these logits and
goes on bit for bit. The log is only a cache: a record torn by a crash fails its checksum and reads
as absent, and deleting the file costs a new propagation, never a prompt or a mask.
"""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np

from sam2_session.core.predictions import Prediction
from sam2_session.storage.atomic import storage_failed

_FILE_HEADER = struct.Struct("<8s64sHHH")  # magic, model signature, logits height, width, pointer
_RECORD_HEADER = struct.Struct("<BBIIf")  # kind, reverse, run, checksum, score
_MAGIC = b"s2track1"


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


class TrackLog:
    """Reads and writes records by frame index; a file of another model counts as empty."""

    def __init__(self, path: Path, signature: str, logits_hw: tuple[int, int], pointer: int):
        self._path = path
        self._logits_hw = logits_hw
        self._pointer = pointer
        self._floats = logits_hw[0] * logits_hw[1] + pointer
        self._record_bytes = _RECORD_HEADER.size + 4 * self._floats
        self._header = _FILE_HEADER.pack(
            _MAGIC, _short(signature).ljust(64, b"\0"), *logits_hw, pointer
        )
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
        if len(data) < _RECORD_HEADER.size:
            return None
        kind, reverse, run, checksum, score = _RECORD_HEADER.unpack_from(data)
        if kind == RecordKind.CONDITIONED:
            return TrackRecord(RecordKind.CONDITIONED, bool(reverse), run, None)
        body = data[_RECORD_HEADER.size :]
        if kind != RecordKind.TRACKED or len(body) != 4 * self._floats:
            return None
        if zlib.crc32(body) != checksum:
            return None
        return TrackRecord(RecordKind.TRACKED, bool(reverse), run, self._prediction(body, score))

    def header(self, frame_idx: int) -> tuple[int, bool, int] | None:
        """Read kind, direction and run of a frame's record, or None; run 0: never written."""
        return None if frame_idx < 0 else self._read_header(frame_idx)

    def write(self, frame_idx: int, prediction: Prediction, *, reverse: bool, run: int) -> None:
        """Store the prediction of a tracked frame."""
        body = prediction.logits_hw.tobytes() + prediction.pointer_c.tobytes()
        header = _RECORD_HEADER.pack(
            RecordKind.TRACKED, reverse, run, zlib.crc32(body), prediction.score
        )
        self._put(frame_idx, header + body)

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

    def _prediction(self, body: bytes, score: float) -> Prediction:
        floats = np.frombuffer(body, np.float32)
        split = self._floats - self._pointer
        return Prediction(floats[:split].reshape(self._logits_hw), floats[split:], score)

    def _read_header(self, frame_idx: int) -> tuple[int, bool, int] | None:
        """Read kind, direction and run of a record."""
        if not self._open_existing():
            return None
        size = _RECORD_HEADER.size
        data = os.pread(self._descriptor(), size, self._offset(frame_idx))
        if len(data) < size:
            return None
        kind, reverse, run, _, _ = _RECORD_HEADER.unpack(data)
        return kind, bool(reverse), run

    def _put_header(self, frame_idx: int, kind: RecordKind, *, reverse: bool, run: int) -> None:
        self._put(frame_idx, _RECORD_HEADER.pack(kind, reverse, run, 0, 0.0))

    def _put(self, frame_idx: int, data: bytes) -> None:
        if not self._writes:
            return
        try:
            self._create()
            written = os.pwrite(self._descriptor(), data, self._offset(frame_idx))
            if written < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise storage_failed(self._path, error) from error

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
            self._usable = os.pread(self._file, _FILE_HEADER.size, 0) == self._header
        return self._usable

    def _create(self) -> None:
        if self._open_existing():
            return
        self.close()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.pwrite(self._file, self._header, 0)
        self._usable = True


def _short(signature: str) -> bytes:
    """Shorten a signature to at most 64 bytes, still unique."""
    text = signature.encode()
    return text if len(text) <= 64 else hashlib.sha256(text).hexdigest().encode()
