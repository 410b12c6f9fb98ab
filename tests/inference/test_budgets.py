"""Memory is bounded, across videos too; what was dropped comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.types import SessionKey
from sam2_session.inference import engine as engine_module
from tests.inference.driving import BODY, DISC, LAST, Ours, assert_same

ELSEWHERE = SessionKey("w", 1, "body")


def test_another_video_makes_the_first_make_room_and_nobody_sees_it(
    make_engine: Any, make_plain: Any
) -> None:
    known: dict[SessionKey, Any] = {}
    engine = make_engine(known, session_memory_bytes=1, feature_cache_bytes=1)
    here, there, plain = Ours(engine, BODY), Ours(engine, ELSEWHERE), make_plain()
    known |= {BODY: here.predictions, ELSEWHERE: there.predictions}
    for tool in (here, plain):
        tool.click(0, 30, 35, 1)
    found = here.propagate(range(12))

    there.click(3, 120, 65, 1)

    assert list(engine._sessions) == [ELSEWHERE]
    assert [video_id for video_id, _ in engine.features._entries] == ["w"]
    assert_same(found | here.propagate(range(12, LAST + 1)), plain.propagate())


def test_a_session_that_grows_makes_idle_ones_leave(make_engine: Any) -> None:
    engine = make_engine(session_memory_bytes=150_000)
    idle, busy = Ours(engine, ELSEWHERE), Ours(engine, BODY)
    for tool in (idle, busy):
        tool.click(0, 30, 35, 1)
    assert engine.live_sessions() == 2

    busy.propagate(range(8))

    assert list(engine._sessions) == [BODY]


def test_the_pairs_of_a_step_stay_together_whatever_the_budget(make_engine: Any) -> None:
    engine = make_engine(session_memory_bytes=1)
    for key in (BODY, DISC):
        ours = Ours(engine, key)
        ours.click(0, 30, 35, 1)
        ours.do(lambda key=key: engine.session(key).condition())

    ours.do(lambda: engine.step([BODY, DISC], 1, reverse=False, run=1))

    assert list(engine._sessions) == [BODY, DISC]

    ours.do(engine.trim)

    assert not engine._sessions


def test_only_so_many_sessions_live_however_small(
    make_engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "MAX_SESSIONS", 3)
    engine = make_engine()

    for idx in range(5):
        Ours(engine, SessionKey("v", 1, f"region{idx}")).click(0, 30, 35, 1)

    assert [key.region for key in engine._sessions] == ["region2", "region3", "region4"]


def test_the_bytes_of_features_are_those_of_their_tensors(make_engine: Any) -> None:
    engine = make_engine()
    ours = Ours(engine, BODY)

    ours.do(lambda: [engine.look_at("v", idx) for idx in range(3)])

    tensors = [feat for entry in engine.features._entries.values() for feat in entry.vision_feats]
    storages = {tensor.data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    assert len(storages) == 9
    assert engine.features.nbytes == sum(storages.values())


def test_a_session_counts_its_memories_and_holds_six(make_engine: Any) -> None:
    engine = make_engine()
    ours = Ours(engine, BODY)
    ours.click(0, 30, 35, 1)

    ours.propagate(range(LAST + 1))

    ring = engine.session(BODY)._bank._ring
    memories = [output._memory for output in ring.values() if output._memory is not None]
    logits = sum(output.prediction.logits_hw.nbytes for output in ring.values())
    assert (len(ring), len(memories)) == (15, 6)
    assert engine.session_nbytes() > logits + sum(memory.nbytes for memory in memories)
    assert engine.session_nbytes() < 1.2 * (logits + 7 * memories[0].nbytes)


def test_a_long_pass_holds_no_more_than_a_short_one(make_engine: Any) -> None:
    engine = make_engine()
    ours = Ours(engine, BODY)
    ours.click(0, 30, 35, 1)
    ours.propagate(range(17))
    early = engine.session_nbytes()

    ours.propagate(range(17, LAST + 1))

    assert engine.session_nbytes() == early


def test_what_nobody_has_used_for_a_while_leaves_and_comes_back(make_engine: Any) -> None:
    known: dict[SessionKey, Any] = {}
    engine = make_engine(known)
    ours = Ours(engine, BODY)
    known[BODY] = ours.predictions
    ours.click(0, 30, 35, 1)
    before = ours.propagate(range(2))

    ours.do(lambda: engine.drop_unused(3600))
    assert (engine.live_sessions(), engine.features.nbytes > 0) == (1, True)
    ours.do(lambda: engine.drop_unused(0))

    assert (engine.live_sessions(), engine.features.nbytes) == (0, 0)
    assert_same(ours.propagate(range(2)), before)
