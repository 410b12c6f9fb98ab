"""A run keeps the device busy, and lets go of it between two frames."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest

from sam2_session.inference.scheduler import Priority
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, annotating, device_held, mask_bytes, settings_of

WRIST = {"video_id": "clip", "instance_id": 1, "region": "wrist"}


@pytest.fixture
def stepped(ada: Annotator) -> list[int]:
    """The frames that the device has stepped over, as they are done."""
    engine = ada.services._slot.get()
    step, done = engine.step, []

    def noted(keys: Any, frame_idx: int, **how: Any) -> Any:
        found = step(keys, frame_idx, **how)
        done.append(frame_idx)
        return found

    engine.step = noted
    return done


def test_a_click_waits_for_one_step_of_a_run_at_most(ada: Annotator, stepped: list[int]) -> None:
    ada.click(0, *BODY)
    ada.click(0, *DISC, region="wrist")
    engine, waited = ada.services._slot.get(), []

    def asked() -> tuple[Future[int], int]:
        click = engine.submit(Priority.CLICK, lambda: len(stepped))
        return click, len(stepped)  # read afterwards: this thread may have to wait, too

    with device_held(ada):  # the first click waits beside the run, however busy the machine is
        job_id = ada.send("propagate", video_id="clip", pairs="all", direction="both")["job_id"]
        click, before = asked()
    while True:
        waited.append(click.result(60) - before)
        if ada.call("get_job", job_id=job_id)["state"] not in ("queued", "running"):
            break
        time.sleep(0.01)
        click, before = asked()

    assert max(waited) <= 1


def test_frames_are_read_once_and_beside_the_device(ada: Annotator) -> None:
    ada.click(0, *BODY)
    features = ada.services._slot.get().features
    path, readers = features._frame_path, {}

    def noted(video_id: str, frame_idx: int) -> Any:
        readers.setdefault(frame_idx, []).append(threading.current_thread().name)
        return path(video_id, frame_idx)

    features._frame_path = noted
    ada.propagate()

    assert [len(readers[frame_idx]) for frame_idx in range(1, 12)] == [1] * 11
    beside = [idx for idx in range(2, 12) if readers[idx][0].startswith("read-ahead")]
    assert beside  # the device reads what is not begun when it comes there


def test_a_cancelled_run_leaves_the_device_at_once(ada: Annotator, stepped: list[int]) -> None:
    ada.click(0, *BODY)
    job_id = ada.send("propagate", video_id="clip", pairs="all")["job_id"]
    ada.until(lambda: len(stepped) > 2)
    ada.send("cancel", job_id=job_id)
    ended = ada.job_ended(job_id)
    after = len(stepped)

    scheduler = ada.services._slot.get().scheduler
    ada.until(lambda: scheduler.order() == [])  # the run gives memory back as its last task
    time.sleep(0.1)
    assert len(stepped) == after
    assert ended["done"] <= after


def test_masks_do_not_depend_on_what_was_read_or_asked_ahead(
    ada: Annotator, settings: Settings, tmp_path: Any
) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    slow = settings_of(tmp_path / "slow", feature_cache_mb=0, prefetch_frames=0)
    with annotating(slow) as bob:
        bob.open()
        bob.click(0, *BODY)
        bob.services._slot.get().features.read_ahead.want = lambda frames: None
        bob.propagate()

    assert [mask_bytes(settings, n) for n in range(12)] == [mask_bytes(slow, n) for n in range(12)]


def test_a_newer_run_takes_a_changed_pair_over(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.click(0, *DISC, region="wrist")
    go = threading.Event()
    engine = ada.services._slot.get()
    step, steps = engine.step, []

    def held(keys: Any, frame_idx: int, **how: Any) -> Any:
        steps.append((frame_idx, sorted(key.region for key in keys), how["run"]))
        if frame_idx == 3 and not go.is_set():
            go.wait(60)
        return step(keys, frame_idx, **how)

    engine.step = held
    first = ada.send("propagate", video_id="clip", pairs="all")["job_id"]
    ada.until(lambda: steps and steps[-1][0] == 3)
    ada.send("add_point", key=WRIST, frame_idx=2, x=126.0, y=70.0, label=1)
    pairs = [{"instance_id": 1, "region": "wrist"}]
    second = ada.send("propagate", video_id="clip", pairs=pairs, from_frame=2)["job_id"]
    go.set()
    ada.job_ended(first)
    ada.until(lambda: ada.call("get_job", job_id=second)["state"] == "done")

    runs = [regions for frame_idx, regions, run in steps if run == steps[0][2]]
    assert (runs[0], runs[-1]) == (["overall", "wrist"], ["overall"])
    assert [frame_idx for frame_idx, regions, _ in steps if regions == ["wrist"]] == [*range(2, 12)]
    masks = ada.call("list_masks", **WRIST)["masks"]
    assert [mask["frame_idx"] for mask in masks if mask["stale"]] == [1]


def test_a_run_whose_only_pair_is_taken_over_ends(ada: Annotator, stepped: list[int]) -> None:
    ada.click(0, *BODY)
    job_id = ada.send("propagate", video_id="clip", pairs="all", direction="both")["job_id"]
    ada.until(lambda: len(stepped) > 2)
    ada.click(1, 34, 30)
    ada.propagate(from_frame=1)

    assert ada.call("get_job", job_id=job_id)["state"] in ("cancelled", "done")
    masks = ada.call("list_masks", **{**WRIST, "region": "overall"})["masks"]
    assert [mask["frame_idx"] for mask in masks if mask["stale"]] == []
