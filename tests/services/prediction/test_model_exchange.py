"""Another model takes over while people annotate."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from sam2_session.core.events import Event
from sam2_session.inference.scheduler import Priority
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, make_moving_clip, settings_of
from tests.journeys.test_random_walk import drawn_mask

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two models of the same weights: predictions of one are not taken for the other's."""
    settings = settings_of(tmp_path)
    path = settings.configs_dir / "models.yaml"
    demo = yaml.safe_load(path.read_text())["models"][0]
    path.write_text(yaml.safe_dump({"models": [demo, {**demo, "name": "other"}]}))
    return settings


def exchange(ada: Annotator) -> None:
    ada.call("select_model", name="other")
    ada.until(lambda: [job for job in ada.of("job_ended") if job["job_id"] == "model-other"])


def masks(ada: Annotator) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = ada.call("list_masks", **KEY)["masks"]
    return listed


def test_everybody_is_told_and_what_the_old_one_tracked_is_stale(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    used: list[Any] = []
    ada.services.bus.subscribe(
        lambda event: event.name == "resync" and used.append(ada.services._models.current["name"])
    )

    exchange(ada)

    ended = [event for event in ada.events if event.data.get("job_id") == "model-other"][-1]
    assert (ended.name, ended.data["state"]) == ("job_ended", "done")
    assert (ended.video_id, ended.to) == (None, None)  # to everybody
    assert used == ["other"]  # a video that is opened again has the new one
    assert ada.open()["model"]["name"] == "other"
    assert [mask["stale"] for mask in masks(ada)] == [True] * 12


def test_the_frame_on_screen_is_ready_for_the_first_click(ada: Annotator) -> None:
    ada.click(3, 40, 30)
    ada.send("look_at", video_id="clip", frame_idx=3)

    exchange(ada)
    features = ada.services._slot.get().features
    ada.until(lambda: ("clip", 3) in features)
    before = features.encoded
    ada.click(3, 50, 40)

    assert ada.of("mask")[-1]["state"] == "drawn"
    assert features.encoded - before <= 1  # a neighbour may have been encoded meanwhile


def test_a_click_that_waits_for_the_old_one_is_answered_by_the_new_one(ada: Annotator) -> None:
    old, go = ada.services._slot.get(), threading.Event()
    old.submit(Priority.CLICK, go.wait)
    ack = ada.send("add_point", key=KEY, frame_idx=2, x=40, y=30, label=1)
    ada.call("select_model", name="other")
    ada.until(lambda: ada.services._slot.get() is not old)
    go.set()

    ada.until(lambda: [mask for mask in ada.of("mask") if mask["seq"] == ack["seq"]])

    assert [mask["state"] for mask in ada.of("mask")] == ["drawn"]
    ada.until(lambda: [mask["frame_idx"] for mask in masks(ada)] == [2])


def held_at_its_first_mask(ada: Annotator, go: threading.Event) -> None:
    """The device stops where the run's first mask is saved: some twenty frames further at most."""
    old, held = ada.services._slot.get(), threading.Event()

    def hold(event: Event) -> None:
        if event.name == "mask_saved" and event.data["run"] is not None and not held.is_set():
            held.set()
            old.submit(Priority.CLICK, go.wait)

    ada.services.bus.subscribe(hold)


def test_a_run_under_way_begins_anew_with_the_new_one(settings: Settings) -> None:
    settings.videos_dir.mkdir(parents=True)
    make_moving_clip(settings.videos_dir / "clip.mp4", frames=48)
    go = threading.Event()
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        old = ada.services._slot.get()
        held_at_its_first_mask(ada, go)
        ack = ada.send("propagate", video_id="clip", pairs="all")
        ada.until(lambda: len(ada.of("mask_saved")) > 2)
        ada.call("select_model", name="other")
        ada.until(lambda: ada.services._slot.get() is not old)
        go.set()
        assert ada.job_ended(ack["job_id"])["state"] == "done"

        again = ada.send("propagate", video_id="clip", pairs="all")
        assert again["error"]["code"] == "nothing_to_do"
        assert [mask["stale"] for mask in masks(ada)] == [True] + [False] * 47  # the click stays


def test_what_was_clicked_with_the_old_one_is_stale_until_the_frame_changes(ada: Annotator) -> None:
    ada.click(3, 40, 30)
    ada.click(5, 40, 30)
    ada.act("set_mask", 7, mask=drawn_mask(40, 30))

    exchange(ada)
    after = stale_frames(ada)
    ada.click(3, 50, 40)

    assert [event for event in ada.events if event.name == "resync"]  # everybody reads it again
    assert (after, stale_frames(ada)) == (
        [3, 5],
        [5],
    )  # no network drew what was painted


def stale_frames(ada: Annotator) -> list[int]:
    return [mask["frame_idx"] for mask in masks(ada) if mask["stale"]]
