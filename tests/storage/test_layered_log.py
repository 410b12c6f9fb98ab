"""Layers of a track log: each stretch run's own can be set aside, and comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sam2_session.core.predictions import Prediction
from sam2_session.storage.layered_log import (
    MAX_LAYERS,
    LayeredLog,
    bring_layer_back,
    log_files,
    set_layer_aside,
)


def prediction(seed: int) -> Prediction:
    rng = np.random.default_rng(seed)
    logits, pointer = (rng.normal(size=size).astype(np.float32) for size in ((8, 8), 4))
    return Prediction(logits, pointer, float(seed))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".track_shaft"


def open_log(path: Path) -> LayeredLog:
    return LayeredLog(path, "demo/fp32", (8, 8), 4)


def scores(log: LayeredLog, frames: int = 6) -> list[float | None]:
    records = [log.read(frame_idx) for frame_idx in range(frames)]
    return [
        None if record is None or record.prediction is None else record.prediction.score
        for record in records
    ]


def write(log: LayeredLog, frames: range, run: int) -> None:
    for frame_idx in frames:
        log.write(frame_idx, prediction(10 * run + frame_idx), reverse=False, run=run)


@pytest.fixture
def log(path: Path) -> LayeredLog:
    log = open_log(path)
    write(log, range(6), 1)
    log.add_layer(2)
    write(log, range(2, 4), 2)
    return log


def test_the_newest_run_counts_and_what_was_before_is_known(log: LayeredLog) -> None:
    before = log.read_before(2, 2)

    assert scores(log) == [10, 11, 22, 23, 14, 15]
    assert before is not None
    assert (before.run, log.read_before(2, 1)) == (1, None)


def test_a_layer_is_set_aside_and_comes_back(log: LayeredLog, path: Path) -> None:
    log.close()
    set_layer_aside(path, 2)
    aside = scores(open_log(path))
    set_layer_aside(path, 2)
    bring_layer_back(path, 2)

    assert aside == [10, 11, 12, 13, 14, 15]
    assert scores(open_log(path)) == [10, 11, 22, 23, 14, 15]


def test_an_erased_record_hides_those_below_until_its_layer_goes(
    log: LayeredLog, path: Path
) -> None:
    log.erase(2)
    erased = scores(log)
    log.close()
    set_layer_aside(path, 2)

    assert erased[2] is None
    assert scores(open_log(path))[2] == 12


def test_a_full_run_writes_over_layers_and_folding_changes_nothing(
    log: LayeredLog, path: Path
) -> None:
    write(log, range(3), 3)
    read = scores(log)
    folded = log.fold()

    assert read == [30, 31, 32, 23, 14, 15]
    assert scores(log) == scores(open_log(path)) == read
    assert (folded, log_files(path)) == ([2], [path])


def test_only_so_many_layers_are_kept(log: LayeredLog, path: Path) -> None:
    for run in range(3, MAX_LAYERS + 3):
        folded = log.add_layer(run)
        log.mark_conditioned(5, reverse=False, run=run)

    record = log.read(5)
    assert folded == [2]
    assert len(log_files(path)) == MAX_LAYERS + 1
    assert record is not None
    assert (record.run, scores(log)[2]) == (MAX_LAYERS + 2, 22)
