"""Stretch runs: they track what a correction can change, and can be taken back."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import Annotator, annotating, make_still_clip, mask_bytes, settings_of

FRAMES = 40
KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
BOX = (40.0, 30.0)  # lies on the red box on every frame
EDGE = (62.0, 30.0)  # a little beside its right side


def bare(folder: Path) -> Settings:
    settings = settings_of(folder)
    settings.videos_dir.mkdir()
    make_still_clip(settings.videos_dir / "clip.mp4", FRAMES)
    return settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return bare(tmp_path)


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The clip after one click and a run, to be copied: tests need not track it again."""
    settings = bare(tmp_path_factory.mktemp("tracked"))
    with annotating(settings) as annotator:
        annotator.open()
        annotator.click(0, *BOX)
        annotator.propagate()
    return settings


@pytest.fixture
def ada(tracked: Settings, settings: Settings) -> Iterator[Annotator]:
    with opened(tracked, settings) as annotator:
        yield annotator


@contextmanager
def opened(tracked: Settings, settings: Settings) -> Iterator[Annotator]:
    """Copy the tracked clip to a workspace, and open it."""
    shutil.copytree(tracked.videos_dir, settings.videos_dir, dirs_exist_ok=True)
    shutil.copytree(tracked.outputs_dir, settings.outputs_dir)
    with annotating(settings, first_seq=100) as annotator:
        annotator.open()
        yield annotator


def rows(ada: Annotator) -> dict[int, dict[str, Any]]:
    masks = ada.call("list_masks", **KEY)["masks"]
    return {mask["frame_idx"]: {**mask, "rev": None} for mask in masks}


def files(settings: Settings) -> list[bytes]:
    return [mask_bytes(settings, frame_idx) for frame_idx in range(FRAMES)]


def changed(before: list[bytes], after: list[bytes]) -> list[int]:
    return [idx for idx, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]


def test_a_correction_tracks_only_what_it_can_change(ada: Annotator) -> None:
    ada.click(12, *EDGE, 0)
    job = ada.propagate(mode="stretch")
    made = {idx for idx, row in rows(ada).items() if row["run"] == 2}

    assert job["state"] == "done"
    assert (job["mode"], job["reach"]) == ("stretch", FRAMES)
    assert 10 <= len(made) < job["tracked"] < FRAMES - 9
    assert made == set(range(13, 13 + len(made)))
    assert not any(row["stale"] for row in rows(ada).values())


def test_after_a_stretch_run_nothing_is_left_but_a_full_one(ada: Annotator) -> None:
    ada.click(12, *EDGE, 0)
    ada.propagate(mode="stretch")

    again = ada.send("propagate", video_id="clip", mode="stretch")
    full = ada.propagate()

    assert again["error"]["code"] == "nothing_to_do"
    assert full["tracked"] == FRAMES
    assert {row["run"] for row in rows(ada).values() if row["source"] == "propagated"} == {3}


def test_undo_brings_the_masks_of_before_back_and_redo_the_new_ones(
    ada: Annotator, settings: Settings
) -> None:
    before = rows(ada), files(settings)
    ada.click(12, *EDGE, 0)
    ada.propagate(mode="stretch")
    after = rows(ada), files(settings)
    steps = len(ada.of("job_progress"))

    ada.act("undo", 12)
    undone = rows(ada), files(settings)
    ada.act("redo", 12)
    redone = rows(ada), files(settings)

    assert undone == before != after == redone
    assert len(ada.of("job_progress")) == steps


def test_a_correction_after_an_undo_gives_what_it_would_have_given_first(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(20, *EDGE, 0)
    ada.propagate(mode="stretch")
    alone = files(settings)
    ada.act("undo", 20)
    ada.click(5, *EDGE, 0)
    ada.propagate(mode="stretch")

    ada.act("undo", 5)
    ada.click(20, *EDGE, 0)
    ada.propagate(mode="stretch")

    assert changed(alone, files(settings)) == []


def test_what_a_person_approved_since_stays(ada: Annotator, settings: Settings) -> None:
    ada.click(12, *EDGE, 0)
    ada.propagate(mode="stretch")
    made = mask_bytes(settings, 14)
    ada.send("approve", key=KEY, frames=[[14, 14]], approved=True)

    ada.act("undo", 12)

    assert mask_bytes(settings, 14) == made
    assert rows(ada)[14]["approved"]


def test_several_corrections_are_one_run_of_several_stretches(ada: Annotator) -> None:
    for frame_idx in (5, 25):
        ada.click(frame_idx, *EDGE, 0)
    ada.propagate(mode="stretch")
    made = {idx for idx, row in rows(ada).items() if row["run"] == 2}

    assert {6, 26} <= made < set(range(FRAMES))


def test_approved_frames_bound_a_stretch(ada: Annotator, settings: Settings) -> None:
    ada.send("approve", key=KEY, frames=[[16, 16]], approved=True)
    ada.click(12, *EDGE, 0)

    ada.propagate(mode="stretch")

    assert {idx for idx, row in rows(ada).items() if row["run"] == 2} == {13, 14, 15}
    assert not any(row["stale"] for row in rows(ada).values())


def test_a_stretch_run_begins_nowhere_else(ada: Annotator) -> None:
    ada.click(12, *EDGE, 0)
    where = ada.send("propagate", video_id="clip", mode="stretch", from_frame=5)

    assert where["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    "memory",
    ["visible", *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("distractor", "motion"))],
)
def test_a_run_attends_by_another_memory_and_is_another_run(ada: Annotator, memory: str) -> None:
    few = {"start": 0, "end": 5}
    made = ada.propagate(memory=memory, **few)
    same = ada.send("propagate", video_id="clip", memory=memory, **few)
    plain = ada.propagate(**few)

    assert made["tracked"] == plain["tracked"] == 6
    assert same["error"]["code"] == "nothing_to_do"


def test_a_pair_that_no_run_has_finished_is_tracked_in_full(ada: Annotator) -> None:
    ada.click(0, *BOX, region="wrist")

    job = ada.propagate(mode="stretch")

    assert job["tracked"] == FRAMES
    assert [pair["region"] for pair in job["pairs"]] == ["wrist"]


def test_a_stretch_goes_backward_where_the_run_went_backward(settings: Settings) -> None:
    with annotating(settings) as bob:
        bob.open()
        bob.click(30, *BOX)
        bob.propagate(direction="both")
        bob.click(20, *EDGE, 0)
        bob.propagate(mode="stretch", direction="both")
        made = [idx for idx, row in rows(bob).items() if row["run"] == 2]

    assert max(made) == 19
    assert 19 - len(made) == min(made) - 1


def test_a_stretch_run_is_the_same_after_a_kill_a_restart_and_evictions(
    tracked: Settings, settings: Settings, tmp_path: Path
) -> None:
    with opened(tracked, settings) as bob:
        bob.click(12, *EDGE, 0)
        bob.propagate(mode="stretch")
        at_once = rows(bob), files(settings)
    (tmp_path / "killed").mkdir()
    killed = settings_of(tmp_path / "killed", session_memory_mb=0)
    with opened(tracked, killed) as bob:
        bob.click(12, *EDGE, 0)
        stop_after(bob, 3)
    go_back(killed, frames=2)
    with annotating(killed, first_seq=200) as bob:
        bob.open()
        bob.until(lambda: [job["state"] for job in stretch_jobs(bob)] == ["done"])
        resumed = rows(bob), files(killed)

        assert resumed == at_once
        bob.act("undo", 12)
        assert {row["run"] for idx, row in rows(bob).items() if idx} == {1}


def test_a_stopped_stretch_run_goes_on_where_it_stopped(ada: Annotator) -> None:
    ada.click(12, *EDGE, 0)
    stop_after(ada, 14)
    job = ada.propagate(mode="stretch")

    assert job["state"] == "done"
    assert {row["run"] for row in rows(ada).values() if row["source"] == "propagated"} == {1, 2}
    assert not any(row["stale"] for row in rows(ada).values())


def stretch_jobs(bob: Annotator) -> list[dict[str, Any]]:
    return [job for job in bob.call("list_jobs")["jobs"] if job["mode"] == "stretch"]


def stop_after(bob: Annotator, frames: int) -> None:
    """Start a stretch run, and stop it after a few frames."""
    job_id = bob.send("propagate", video_id="clip", mode="stretch")["job_id"]
    bob.until(lambda: bob.call("get_job", job_id=job_id)["done"] >= frames)
    bob.send("cancel", job_id=job_id)
    assert bob.job_ended(job_id)["state"] == "cancelled"


def go_back(settings: Settings, frames: int) -> None:
    """Let the newest job look as after a kill: its newest masks are there, its cursor is not."""
    with closing(sqlite3.connect(settings.outputs_dir / "clip/session.sqlite3")) as database:
        database.execute(
            "UPDATE jobs SET state = 'running', done = done - ? WHERE run = 2", (frames,)
        )
        database.commit()


def test_a_stretch_run_of_an_older_version_is_taken_back_as_well(
    tracked: Settings, settings: Settings
) -> None:
    with opened(tracked, settings) as bob:
        before = rows(bob), files(settings)
        bob.click(12, *EDGE, 0)
        bob.propagate(mode="stretch")
    as_older_versions_kept_it(settings)

    with annotating(settings, first_seq=200) as bob:
        bob.open()
        bob.act("undo", 12)
        undone = rows(bob), files(settings)

    assert undone == before
    assert not (settings.outputs_dir / "clip/instance1/.replaced_overall").exists()


def as_older_versions_kept_it(settings: Settings) -> None:
    """Move what run 2 replaced into a folder of its own, and its rows into the job."""
    video = settings.outputs_dir / "clip"
    old = video / "instance1/.replaced_overall/run-2"
    old.mkdir(parents=True)
    for path in (video / ".replaced/2/instance1/masks_overall").glob("*.png"):
        path.rename(old / f"{path.stem}.before.png")
    with closing(sqlite3.connect(video / "session.sqlite3")) as db, db:
        facts = db.execute("SELECT facts FROM replaced_masks WHERE run = 2 AND facts NOTNULL")
        replaced = {"1/overall": [json.loads(text) for (text,) in facts]}
        ((job_id, text),) = db.execute("SELECT job_id, params FROM jobs WHERE run = 2").fetchall()
        params = json.dumps({**json.loads(text), "replaced": replaced})
        db.execute("UPDATE jobs SET params = ? WHERE job_id = ?", (params, job_id))
        db.execute("DELETE FROM replaced_masks WHERE run = 2")
