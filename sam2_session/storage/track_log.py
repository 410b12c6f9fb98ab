"""Stores what propagation predicted on each frame of one pair, compressed without loss.

A session that was evicted, or whose process died, recomputes its memories from these logits and
goes on bit for bit. The log is only a cache: a record torn by a crash fails its checksum and reads
as absent, and deleting the file costs a new propagation, never a prompt or a mask.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np

from sam2_session.core.predictions import Prediction
from sam2_session.storage.atomic import storage_failed
from sam2_session.storage.track_records import (
    FLOAT_BYTES,
    FixedRecords,
    PackedRecords,
    RecordHeader,
    Records,
)

_FILE_HEADER = struct.Struct("<8s64sHHH")  # magic, model signature, logits height, width, pointer
_MAGIC = b"s2track3"
_OLDER_MAGICS = {b"s2track1": True, b"s2track2": False}  # True: the oldest


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
        self._names = (_short(signature).ljust(64, b"\0"), *logits_hw, pointer)
        self._signature = signature
        self._writes = True
        self._file: int | None = None
        self._records: Records | None = None  # of the open file, if it is this network's

    def read_only(self) -> TrackLog:
        """Return a second reader of the same file, which ignores what it is told to write."""
        reader = TrackLog(self._path, self._signature, self._logits_hw, self._pointer)
        reader._writes = False
        return reader

    def read(self, frame_idx: int) -> TrackRecord | None:
        """Read the record of a frame, or None."""
        records, header = self._found(frame_idx)
        if records is None or header is None:
            return None
        if header.kind == RecordKind.CONDITIONED:
            return TrackRecord(RecordKind.CONDITIONED, header.reverse, header.run, None)
        body = records.body(frame_idx) if header.kind == RecordKind.TRACKED else None
        if body is None or len(body) != FLOAT_BYTES * self._floats:
            return None
        prediction = self._prediction(body, header)
        return TrackRecord(RecordKind.TRACKED, header.reverse, header.run, prediction)

    def read_trust(self, frame_idx: int) -> TrackTrust | None:
        """Read how far a tracked frame is to be trusted, without its prediction."""
        _, header = self._found(frame_idx)
        if header is None or header.kind != RecordKind.TRACKED:
            return None
        return TrackTrust(header.score, header.iou, header.rival)

    def header(self, frame_idx: int) -> tuple[int, bool, int] | None:
        """Read kind, direction and run of a frame's record, or None; run 0: never written."""
        _, header = self._found(frame_idx)
        return None if header is None else (header.kind, header.reverse, header.run)

    def write(self, frame_idx: int, prediction: Prediction, *, reverse: bool, run: int) -> None:
        """Store the prediction of a tracked frame."""
        body = prediction.logits_hw.tobytes() + prediction.pointer_c.tobytes()
        facts = (prediction.has_rival, run, prediction.score, prediction.iou)
        self._put(frame_idx, RecordHeader(RecordKind.TRACKED, reverse, *facts), body)

    def mark_conditioned(self, frame_idx: int, *, reverse: bool, run: int) -> None:
        """Record that a run passed a prompted frame."""
        self._put(frame_idx, RecordHeader(RecordKind.CONDITIONED, reverse, False, run))

    def erase(self, frame_idx: int) -> None:
        """Erase a frame's record; `restore` can bring a conditioned one back."""
        record = self.read(frame_idx)
        if record is not None:
            self._put(frame_idx, RecordHeader(RecordKind.ABSENT, record.reverse, False, record.run))

    def restore(self, frame_idx: int) -> None:
        """Undo `erase` for a conditioned frame; does nothing for any other."""
        _, header = self._found(frame_idx)
        if header is not None and header.kind == RecordKind.ABSENT and header.run:
            self.mark_conditioned(frame_idx, reverse=header.reverse, run=header.run)

    def create(self) -> None:
        """Make the file if there is none yet."""
        self._create()

    @property
    def num_records(self) -> int:
        """Return one more than the last frame that has a record."""
        records = self._opened()
        return 0 if records is None else records.count

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            self._records = None

    def _found(self, frame_idx: int) -> tuple[Records | None, RecordHeader | None]:
        """Return the records of the file and the header of one; nothing if there is no file."""
        records = self._opened() if frame_idx >= 0 else None
        return records, None if records is None else records.header(frame_idx)

    def _prediction(self, body: bytes, header: RecordHeader) -> Prediction:
        floats = np.frombuffer(body, np.float32)
        split = self._floats - self._pointer
        logits_hw = floats[:split].reshape(self._logits_hw)
        return Prediction(logits_hw, floats[split:], header.score, header.iou, header.rival)

    def _put(self, frame_idx: int, header: RecordHeader, body: bytes = b"") -> None:
        if not self._writes:
            return
        try:
            self._create().put(frame_idx, header, body)
        except OSError as error:
            raise storage_failed(self._path, error) from error

    def _opened(self) -> Records | None:
        """Open the file, if there is one and it is of this network."""
        if self._file is None:
            try:
                self._file = os.open(self._path, os.O_RDWR)
            except FileNotFoundError:
                return None
            self._records = self._records_of(self._file)
        return self._records

    def _records_of(self, file: int) -> Records | None:
        header = os.pread(file, _FILE_HEADER.size, 0)
        if header == _FILE_HEADER.pack(_MAGIC, *self._names):
            return PackedRecords(file, _FILE_HEADER.size)
        for magic, is_oldest in _OLDER_MAGICS.items():
            if header == _FILE_HEADER.pack(magic, *self._names):
                body_bytes = FLOAT_BYTES * self._floats
                return FixedRecords(file, _FILE_HEADER.size, body_bytes, is_oldest=is_oldest)
        return None

    def _create(self) -> Records:
        records = self._opened()
        if records is None:
            self.close()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
            os.pwrite(self._file, _FILE_HEADER.pack(_MAGIC, *self._names), 0)
            records = self._records = PackedRecords(self._file, _FILE_HEADER.size)
        return records


def _short(signature: str) -> bytes:
    """Shorten a signature to at most 64 bytes, still unique."""
    text = signature.encode()
    return text if len(text) <= 64 else hashlib.sha256(text).hexdigest().encode()
