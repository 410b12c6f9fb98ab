from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
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
    content[-40] ^= 0xFF
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


@pytest.mark.parametrize(
    ("magic", "head", "iou"),
    [
        (b"s2track1", lambda crc: struct.pack("<BBIIf", 1, 0, 2, crc, 3.0), None),
        (b"s2track2", lambda crc: struct.pack("<BBBIIff", 1, 0, 1, 2, crc, 3.0, 0.5), 0.5),
    ],
)
def test_a_log_of_an_older_version_stays_readable(
    path: Path, magic: bytes, head: Callable[[int], bytes], iou: float | None
) -> None:
    before = prediction(3)
    body = before.logits_hw.tobytes() + before.pointer_c.tobytes()
    header = struct.pack("<8s64sHHH", magic, b"demo/fp32", 8, 8, 4)
    path.parent.mkdir()
    path.write_bytes(header + head(zlib.crc32(body)) + body)
    log = TrackLog(path, "demo/fp32", (8, 8), 4)
    log.write(1, prediction(4), reverse=False, run=3)

    records = [log.read(0), log.read(1)]

    assert [record.prediction.score for record in records if record and record.prediction] == [3, 4]
    assert log.read_trust(0) == TrackTrust(3.0, iou, iou is not None)
    assert log.num_records == 2
    log.close()


def test_values_of_half_the_precision_take_a_third_of_the_disk(path: Path) -> None:
    rows, columns = np.indices((96, 96)) / 12
    noise = np.random.default_rng(4).normal(0, 0.05, (96, 96))
    logits = (12 * np.sin(rows) * np.cos(columns) + noise).astype(np.float32)
    logits = (logits.view(np.uint32) & 0xFFFF0000).view(np.float32)  # as bfloat16
    log = TrackLog(path, "demo/bf16", (96, 96), 0)
    for frame_idx in range(40):
        log.write(frame_idx, Prediction(logits, logits[0, :0], 1.0), reverse=False, run=1)

    record = log.read(39)
    assert record is not None
    assert record.prediction is not None
    assert record.prediction.logits_hw.tobytes() == logits.tobytes()
    assert path.stat().st_size < 0.5 * 40 * logits.nbytes
    log.close()


def test_records_that_grow_and_shrink_and_come_in_any_order_are_read_exactly(
    log: TrackLog, path: Path
) -> None:
    flat = Prediction(np.zeros((8, 8), np.float32), np.zeros(4, np.float32), 9.0)
    for run, frames in enumerate(([700, 3, 300, 3, 299], [300, 700], [3]), start=1):
        for frame_idx in frames:
            written = flat if run == 1 else prediction(frame_idx)
            log.write(frame_idx, written, reverse=False, run=run)
    log.write(700, flat, reverse=True, run=4)
    reader = TrackLog(path, "demo/fp32", (8, 8), 4)

    records = {idx: reader.read(idx) for idx in (3, 299, 300, 700)}

    wanted = {3: prediction(3), 299: flat, 300: prediction(300), 700: flat}
    for frame_idx, record in records.items():
        assert record is not None
        assert record.prediction is not None
        assert record.prediction.equals(wanted[frame_idx])
    assert reader.num_records == log.num_records == 701
    assert reader.header(0) == (RecordKind.ABSENT, False, 0)
    reader.close()


def test_a_reader_sees_what_is_written_after_it_was_opened(log: TrackLog) -> None:
    log.write(0, prediction(0), reverse=False, run=1)
    reader = log.read_only()
    assert reader.read(1000) is None

    log.write(1000, prediction(1), reverse=False, run=1)

    assert reader.read(1000) is not None
    reader.close()


@pytest.mark.parametrize("kept", [0, 60, 78, 82, 90, 500, 9400])
def test_a_file_that_a_crash_cut_short_reads_as_absent_and_is_written_on(
    log: TrackLog, path: Path, kept: int
) -> None:
    log.write(5, prediction(5), reverse=False, run=1)
    path.write_bytes(path.read_bytes()[:kept])
    again = TrackLog(path, "demo/fp32", (8, 8), 4)
    assert again.read(5) is None

    again.write(5, prediction(6), reverse=False, run=2)

    record = again.read(5)
    assert record is not None
    assert record.prediction is not None
    assert record.prediction.equals(prediction(6))
    again.close()


def test_the_expected_iou_and_a_rival_are_kept(log: TrackLog) -> None:
    log.write(0, replace(prediction(1), iou=0.5, has_rival=True), reverse=False, run=1)

    record = log.read(0)
    assert record is not None
    assert record.prediction is not None
    assert (record.prediction.iou, record.prediction.has_rival) == (0.5, True)
    assert log.read_trust(0) == TrackTrust(1.0, 0.5, True)
