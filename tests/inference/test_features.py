"""Frames are encoded ahead, stay and leave; a thread beside the device reads them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from sam2_session.core.errors import StorageFailed
from sam2_session.inference.engine import Engine
from sam2_session.inference.read_ahead import MAX_FRAMES, ReadAhead
from sam2_session.inference.scheduler import Priority


@pytest.fixture
def frame_bytes(make_engine: Any) -> int:
    engine = make_engine()
    do(engine, lambda: engine.look_at("v", 0))
    return int(engine.features.nbytes)


def do(engine: Engine, task: Callable[[], Any]) -> Any:
    return engine.submit(Priority.CLICK, task).result(60)


def look(engine: Engine, *frames: int) -> None:
    do(engine, lambda: [engine.look_at("v", frame_idx) for frame_idx in frames])


def ahead(engine: Engine, *frames: int) -> list[bool]:
    found: list[bool] = do(engine, lambda: [engine.features.encode_ahead("v", f) for f in frames])
    return found


def held(engine: Engine) -> list[int]:
    return [frame_idx for frame_idx in range(26) if ("v", frame_idx) in engine.features]


def test_a_frame_encoded_ahead_costs_nothing_when_it_is_asked_for(make_engine: Any) -> None:
    engine = make_engine()
    look(engine, 5)

    assert ahead(engine, 6, 4, 6) == [True, True, False]
    assert engine.features.encoded == 3
    look(engine, 6, 4, 5)
    assert engine.features.encoded == 3


def test_frames_nobody_asked_for_keep_to_their_share(make_engine: Any, frame_bytes: int) -> None:
    engine = make_engine(feature_cache_bytes=8 * frame_bytes)
    look(engine, 0)

    ahead(engine, 1, 2, 3)

    assert held(engine) == [0, 2, 3]
    assert engine.features.nbytes == 3 * frame_bytes


def test_what_was_just_used_or_is_on_a_screen_makes_no_room_for_it(
    make_engine: Any, frame_bytes: int
) -> None:
    engine = make_engine(feature_cache_bytes=6 * frame_bytes)
    engine.features._on_screen = lambda: {("v", 0), ("v", 1)}
    look(engine, 0, 1, 2, 3, 4, 5)

    assert ahead(engine, 9) == [False]
    engine.features._on_screen = lambda: {("v", 0)}
    assert ahead(engine, 9) == [True]
    assert held(engine) == [0, 2, 3, 4, 5, 9]


def test_a_budget_too_small_for_a_share_encodes_nothing_ahead(
    make_engine: Any, frame_bytes: int
) -> None:
    engine = make_engine(feature_cache_bytes=3 * frame_bytes)
    look(engine, 0)

    assert ahead(engine, 1) == [False]
    assert engine.features.encoded == 1


def test_the_frame_on_screen_outlives_a_run(make_engine: Any, frame_bytes: int) -> None:
    engine = make_engine(feature_cache_bytes=4 * frame_bytes)
    engine.features._on_screen = lambda: {("v", 0)}

    look(engine, *range(12))

    assert held(engine) == [0, 9, 10, 11]


def test_more_screens_than_room_keep_to_the_budget(make_engine: Any, frame_bytes: int) -> None:
    engine = make_engine(feature_cache_bytes=3 * frame_bytes)
    engine.features._on_screen = lambda: {("v", frame_idx) for frame_idx in range(26)}

    look(engine, *range(6))

    assert held(engine) == [3, 4, 5]
    assert engine.features.nbytes == 3 * frame_bytes


def test_a_frame_wanted_ahead_is_read_once_and_is_the_same(make_engine: Any) -> None:
    engine, read = make_engine(), []
    path = engine.features._frame_path
    engine.features._frame_path = lambda *frame: read.append(frame) or path(*frame)
    engine.features.read_ahead.want([("v", 3)])
    engine.features.read_ahead._frames["v", 3].result(60)

    look(engine, 3)

    assert read == [("v", 3)]
    plain = make_engine()
    look(plain, 3)
    for feat, other in zip(
        engine.features.get("v", 3).vision_feats,
        plain.features.get("v", 3).vision_feats,
        strict=True,
    ):
        assert torch.equal(feat, other)


def test_only_a_few_frames_are_read_ahead() -> None:
    go = threading.Event()
    reader = ReadAhead(lambda *_: go.wait() and torch.zeros(1))
    frames = [("v", frame_idx) for frame_idx in range(20)]

    reader.want(frames)
    go.set()

    taken = [frame for frame in frames[-MAX_FRAMES:] if frame in reader._frames]
    assert taken == frames[-MAX_FRAMES:]
    assert reader.take(("v", 1)) is None
    reader.close()


def test_a_frame_that_could_not_be_read_ahead_says_so_to_who_needs_it(
    make_engine: Any, tmp_path: Path
) -> None:
    engine = make_engine()
    engine.features._frame_path = lambda *_: tmp_path / "gone.jpg"
    engine.features.read_ahead.want([("v", 3)])

    with pytest.raises(StorageFailed, match=r"gone.jpg cannot be read"):
        look(engine, 3)
