from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sam2_session.core.predictions import Prediction
from sam2_session.storage.track_log import RecordKind, TrackLog, TrackTrust


def prediction(seed: int) -> Prediction:
    rng = np.random.default_rng(seed)
    logits, pointer = (rng.normal(size=size).astype(np.float32) for size in ((8, 8), 4))
    return Prediction(logits, pointer, float(seed))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance1" / ".track_shaft"


@pytest.fixture
def log(path: Path) -> Iterator[TrackLog]:
    log = TrackLog(path, "demo/fp32", (8, 8), 4)
    yield log
    log.close()


def test_reading_an_unknown_frame_makes_no_file(log: TrackLog, path: Path) -> None:
    assert log.read(3) is None
    assert log.read(-1) is None
    assert not path.parent.exists()


def test_what_was_written_is_read_exactly(log: TrackLog) -> None:
    for frame_idx in (5, 0, 900):
        log.write(frame_idx, prediction(frame_idx), reverse=frame_idx == 0, run=2)

    record = log.read(0)
    assert record is not None
    assert record.prediction is not None
    assert np.array_equal(record.prediction.logits_hw, prediction(0).logits_hw)
    assert (record.kind, record.reverse, record.run) == (RecordKind.TRACKED, True, 2)
    assert log.read(1) is None


def test_a_conditioned_frame_counts_as_tracked_without_an_output(log: TrackLog) -> None:
    log.write(4, prediction(4), reverse=False, run=1)
    log.mark_conditioned(4, reverse=False, run=2)

    record = log.read(4)
    assert record is not None
    assert (record.kind, record.prediction) == (RecordKind.CONDITIONED, None)
    log.erase(4)
    assert log.read(4) is None


def test_a_conditioned_frame_that_was_erased_can_be_brought_back(log: TrackLog) -> None:
    log.restore(4)  # there is no file yet
    log.mark_conditioned(4, reverse=True, run=3)
    log.erase(4)
    log.restore(4)

    record = log.read(4)
    assert record is not None
    assert (record.kind, record.reverse, record.run) == (RecordKind.CONDITIONED, True, 3)


def test_only_an_erased_frame_is_brought_back(log: TrackLog) -> None:
    log.write(2, prediction(2), reverse=False, run=1)
    for frame_idx in (0, 2, 9):  # never written, still there, beyond the end
        log.restore(frame_idx)

    assert (log.read(0), log.read(9)) == (None, None)
    record = log.read(2)
    assert record is not None
    assert record.kind == RecordKind.TRACKED


def test_a_torn_record_reads_as_absent(log: TrackLog, path: Path) -> None:
    log.write(0, prediction(0), reverse=False, run=1)
    log.write(1, prediction(1), reverse=False, run=1)
    content = bytearray(path.read_bytes())
    content[-3] ^= 0xFF
    path.write_bytes(content)

    assert log.read(0) is not None
    assert log.read(1) is None


def test_another_networks_log_counts_as_empty_and_is_replaced(log: TrackLog, path: Path) -> None:
    log.write(0, prediction(0), reverse=False, run=1)
    other = TrackLog(path, "large/bf16", (8, 8), 4)

    assert other.read(0) is None
    other.write(1, prediction(1), reverse=False, run=1)

    assert other.read(0) is None
    assert other.read(1) is not None
    other.close()


def test_long_signatures_that_differ_at_their_end_are_told_apart(path: Path) -> None:
    log, other = (TrackLog(path, f"{'large' * 20}/{end}", (8, 8), 4) for end in ("near2", "near4"))
    log.write(0, prediction(0), reverse=False, run=1)

    assert log.read(0) is not None
    assert other.read(0) is None
    log.close()
    other.close()


def test_a_log_of_an_older_version_stays_readable(path: Path) -> None:
    before = prediction(3)
    body = before.logits_hw.tobytes() + before.pointer_c.tobytes()
    header = struct.pack("<8s64sHHH", b"s2track1", b"demo/fp32", 8, 8, 4)
    path.parent.mkdir()
    path.write_bytes(header + struct.pack("<BBIIf", 1, 0, 2, zlib.crc32(body), 3.0) + body)
    log = TrackLog(path, "demo/fp32", (8, 8), 4)
    log.write(1, prediction(4), reverse=False, run=3)

    records = [log.read(0), log.read(1)]

    assert [record.prediction.score for record in records if record and record.prediction] == [3, 4]
    assert log.read_trust(0) == TrackTrust(3.0, None, False)


def test_the_expected_iou_and_a_rival_are_kept(log: TrackLog) -> None:
    log.write(0, replace(prediction(1), iou=0.5, has_rival=True), reverse=False, run=1)

    record = log.read(0)
    assert record is not None
    assert record.prediction is not None
    assert (record.prediction.iou, record.prediction.has_rival) == (0.5, True)
    assert log.read_trust(0) == TrackTrust(1.0, 0.5, True)
