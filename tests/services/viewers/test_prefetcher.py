"""Frames encoded before the click comes: the one on screen, then its neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from sam2_session.inference import scheduler
from sam2_session.inference.scheduler import Priority
from tests.annotating import BODY, Annotator, annotating, device_held, settings_of


def look(who: Annotator, frame_idx: int) -> None:
    assert who.send("look_at", video_id="clip", frame_idx=frame_idx)["status"] == "applied"


def encoded(ada: Annotator) -> int:
    return int(ada.services._slot.get().features.encoded)


def held(ada: Annotator) -> list[int]:
    features = ada.services._slot.get().features
    return [frame_idx for frame_idx in range(12) if ("clip", frame_idx) in features]


def until_quiet(ada: Annotator) -> None:
    """Wait until the device has nothing left to do, idle work included."""
    engine = ada.services._slot.get()
    for _ in range(2):  # the task under way may ask for idle work
        ada.until(lambda: not engine.scheduler.order())
        engine.submit(Priority.CLICK, lambda: None).result(60)


def test_the_frame_on_screen_and_its_neighbours_are_encoded(ada: Annotator) -> None:
    look(ada, 5)
    until_quiet(ada)

    assert held(ada) == [4, 5, 6]
    assert encoded(ada) == 3


def test_a_click_on_a_neighbour_costs_what_a_second_click_costs(ada: Annotator) -> None:
    look(ada, 5)
    until_quiet(ada)
    before = encoded(ada)

    for frame_idx in (5, 6, 4):
        ada.click(frame_idx, *BODY)

    assert encoded(ada) == before


def test_a_newer_look_takes_the_place_of_the_one_before(ada: Annotator) -> None:
    with device_held(ada):
        for frame_idx in (1, 3, 5, 9):
            look(ada, frame_idx)
    until_quiet(ada)

    assert held(ada) == [8, 9, 10]


def test_neighbours_wait_until_nobody_asks_for_anything(
    ada: Annotator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "QUIET_S", 3600.0)
    engine = ada.services._slot.get()
    engine.submit(Priority.STEP, lambda: None).result(60)
    look(ada, 5)
    ada.until(lambda: held(ada) == [5])
    for _ in range(10):  # a run
        engine.submit(Priority.STEP, lambda: None).result(60)

    assert held(ada) == [5]
    monkeypatch.setattr(scheduler, "QUIET_S", 0.1)
    engine.submit(Priority.STEP, lambda: None).result(60)
    ada.until(lambda: held(ada) == [4, 5, 6])


def test_at_the_ends_there_are_fewer(ada: Annotator) -> None:
    look(ada, 11)
    until_quiet(ada)

    assert held(ada) == [10, 11]


def test_each_client_has_a_screen_of_its_own_until_it_leaves(ada: Annotator) -> None:
    bob = Annotator(ada.services, "bob")
    prefetcher = ada.services._prefetcher
    look(ada, 2)
    look(bob, 9)
    assert prefetcher.on_screen() == {("clip", 2), ("clip", 9)}

    ada.call("client_left", sid=bob.sid)
    ada.send("close_video", video_id="clip")

    assert prefetcher.on_screen() == frozenset()


@pytest.mark.parametrize(
    ("prefetch_frames", "frames"), [(0, [5]), (1, [5, 6]), (9, [3, 4, 5, 6, 7])]
)
def test_how_many_is_a_setting(tmp_path: Path, prefetch_frames: int, frames: list[int]) -> None:
    with annotating(settings_of(tmp_path, prefetch_frames=prefetch_frames)) as ada:
        ada.open()
        look(ada, 5)
        until_quiet(ada)

        assert held(ada) == frames


def test_a_frame_that_is_not_there_is_no_error(ada: Annotator) -> None:
    look(ada, 99)
    until_quiet(ada)

    assert held(ada) == []


def test_a_fresh_server_encodes_the_first_frame_of_the_video_changed_last(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with annotating(settings) as ada:
        ada.open()
        ada.click(3, *BODY)
    with annotating(settings, first_seq=100) as ada:
        ada.until(lambda: ada.services._slot.peek() and held(ada) == [0])

        ada.open()
        ada.click(0, *BODY)

        assert encoded(ada) == 1


def test_it_does_not_where_somebody_looks_at_a_frame(ada: Annotator) -> None:
    look(ada, 5)
    until_quiet(ada)
    ada.services._prefetcher.expect("clip")
    ada.services._prefetcher.start_over()
    until_quiet(ada)

    assert held(ada) == [4, 5, 6]
