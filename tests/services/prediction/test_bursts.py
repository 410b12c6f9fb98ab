"""Clicks that come faster than the model answers: none is lost, none is computed twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sam2_session.inference.scheduler import Priority
from sam2_session.settings import Settings
from tests.annotating import (
    BODY,
    DISC,
    Annotator,
    annotating,
    device_held,
    mask_bytes,
    points_json,
    settings_of,
)

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
POINTS = [(30 + 2 * n, 20 + 2 * n, 1 if n % 3 else 0) for n in range(10)]


@contextmanager
def counting_decoder_runs(ada: Annotator) -> Iterator[list[int]]:
    runs: list[int] = []
    decoder = ada.services._slot.get().network.model.sam_mask_decoder
    hook = decoder.register_forward_hook(lambda *_: runs.append(1))
    try:
        yield runs
    finally:
        hook.remove()


def send(who: Annotator, x: float, y: float, label: int = 1, frame_idx: int = 0) -> int:
    ack = who.command("add_point", key=KEY, frame_idx=frame_idx, x=x, y=y, label=label)
    assert ack["status"] == "applied", ack
    return int(ack["seq"])


def masks_of(who: Annotator) -> list[dict[str, Any]]:
    return [event.data for event in who.events if event.name == "mask" and event.to == who.sid]


def until_all_answered(*clients: tuple[Annotator, list[int]]) -> None:
    for who, seqs in clients:
        who.until(lambda who=who, seqs=seqs: {mask["seq"] for mask in masks_of(who)} >= set(seqs))


@pytest.fixture
def bob(ada: Annotator) -> Annotator:
    return Annotator(ada.services, "bob")


def test_a_burst_by_two_clients_is_decoded_once_a_click_and_drawn_once_a_client(
    ada: Annotator, bob: Annotator, settings: Settings
) -> None:
    with counting_decoder_runs(ada) as runs:
        with device_held(ada):
            mine = [send(ada, *point) for point in POINTS[::2]]
            theirs = [send(bob, *point) for point in POINTS[1::2]]
        until_all_answered((ada, mine), (bob, theirs))
        ada.until(lambda: ada.of("mask_saved"))
        ada.services._projects.finish_files("clip")

    assert len(runs) == 10
    for who in (ada, bob):
        states = Counter(mask["state"] for mask in masks_of(who))
        assert states == {"superseded": 4, "drawn": 1}
    assert [mask["png"] for mask in masks_of(ada)][:4] == [None] * 4
    assert len(points_json(settings)["frames"][0]["points"]) == 10


def test_a_burst_ends_in_the_mask_of_the_same_clicks_one_by_one(
    ada: Annotator, settings: Settings, tmp_path: Path
) -> None:
    with device_held(ada):
        seqs = [send(ada, *point) for point in POINTS]
    until_all_answered((ada, seqs))
    ada.until(lambda: ada.of("mask_saved"))

    with annotating(settings_of(tmp_path / "other")) as slow:
        slow.open()
        for x, y, label in POINTS:
            slow.click(0, x, y, label)
    assert mask_bytes(settings, 0) == mask_bytes(settings_of(tmp_path / "other"), 0) != b""


def test_every_state_of_a_burst_can_be_undone_to(
    ada: Annotator, settings: Settings, tmp_path: Path
) -> None:
    with device_held(ada):
        until = [send(ada, *point) for point in POINTS[:3]]
    until_all_answered((ada, until))
    ada.until(lambda: ada.of("mask_saved"))
    ada.act("undo", 0)

    with annotating(settings_of(tmp_path / "other")) as slow:
        slow.open()
        for x, y, label in POINTS[:2]:
            slow.click(0, x, y, label)
    assert mask_bytes(settings, 0) == mask_bytes(settings_of(tmp_path / "other"), 0) != b""


def test_a_click_that_overtakes_the_disk_computes_nothing_twice(ada: Annotator) -> None:
    with counting_decoder_runs(ada) as runs, ada.services._projects.get("clip").lock:
        for point in POINTS[:4]:  # while this thread holds the lock no mask is stored
            until_all_answered((ada, [send(ada, *point)]))

    assert len(runs) == 4
    assert [mask["state"] for mask in masks_of(ada)] == ["drawn"] * 4


def test_a_flood_on_one_frame_delays_no_other_client(ada: Annotator, bob: Annotator) -> None:
    ada.click(0, *BODY)
    with device_held(ada):
        flood = [send(ada, *BODY, frame_idx=frame_idx) for frame_idx in range(1, 10)]
        clicked = send(bob, *DISC, frame_idx=10)
    until_all_answered((ada, flood), (bob, [clicked]))

    order = [event.to for event in ada.events if event.name == "mask"]
    assert order.index(bob.sid) <= 5  # of ten; two pool threads may swap a few


def test_clicks_taken_back_while_they_wait_are_answered_too(
    ada: Annotator, settings: Settings
) -> None:
    with device_held(ada):
        clicked = send(ada, *BODY)
        undone = ada.send("undo", key=KEY, frame_idx=0)["seq"]
    until_all_answered((ada, [clicked, undone]))
    ada.services._projects.finish_files("clip")

    states = {mask["seq"]: mask["state"] for mask in masks_of(ada)}
    assert states == {clicked: "superseded", undone: "removed"}
    assert mask_bytes(settings, 0) == b""


def test_a_redo_that_goes_before_the_undo_in_turns_keeps_the_prompt(
    ada: Annotator, bob: Annotator
) -> None:
    ada.click(0, *BODY)
    with device_held(ada):
        ada.send("undo", key=KEY, frame_idx=0)
        redone = bob.send("redo", key=KEY, frame_idx=0, any=True)["seq"]
    until_all_answered((bob, [redone]))

    assert ada.propagate()["state"] == "done"
    assert len(ada.call("list_masks", **KEY)["masks"]) == 12


def test_who_waits_is_told_how_many_go_before(ada: Annotator, bob: Annotator) -> None:
    with device_held(ada):
        mine = [send(ada, *BODY, frame_idx=frame_idx) for frame_idx in (1, 2)]
        theirs = send(bob, *DISC, frame_idx=3)
        ada.until(lambda: len(ada.of("queued")) == 3)

    told = {(event.to, event.data["seq"]): event.data for event in ada.events
            if event.name == "queued"}  # fmt: skip
    positions = [told[ada.sid, mine[0]], told[bob.sid, theirs], told[ada.sid, mine[1]]]
    assert [event["position"] for event in positions] == [1, 2, 3]
    assert all(event["waiting_s"] >= 0.15 for event in positions)
    assert positions[1]["key"] == KEY


def test_who_moves_up_is_told_again_and_who_is_served_at_once_hears_nothing(
    ada: Annotator,
) -> None:
    ada.click(0, *BODY)
    assert ada.of("queued") == []
    first = threading.Event()
    engine = ada.services._slot.get()
    engine.submit(Priority.CLICK, first.wait)
    with device_held(ada):
        seq = send(ada, *BODY, frame_idx=5)
        ada.until(lambda: ada.of("queued"))
        first.set()
        ada.until(lambda: len(ada.of("queued")) == 2)

    assert [(event["seq"], event["position"]) for event in ada.of("queued")] == [(seq, 2), (seq, 1)]


def test_an_end_waits_for_no_queue_and_the_masks_follow_at_the_next_start(
    settings: Settings,
) -> None:
    with annotating(settings) as ada:
        ada.open()
        engine, go = ada.services._slot.get(), threading.Event()
        engine.submit(Priority.CLICK, go.wait)
        for frame_idx in range(8):
            send(ada, *BODY, frame_idx=frame_idx)
        threading.Timer(2, go.set).start()  # long after the end has begun
    assert not any(mask_bytes(settings, frame_idx) for frame_idx in range(8))

    with annotating(settings, first_seq=100) as ada:
        ada.open()
        ada.until(lambda: all(mask_bytes(settings, frame_idx) for frame_idx in range(8)))
