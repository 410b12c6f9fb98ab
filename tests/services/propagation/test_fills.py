"""Fills: the frames between prompted ones, tracked from both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sam2_session.core.events import Event
from sam2_session.core.masks import mask_facts
from sam2_session.core.types import SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.services.propagation.first_pass import ChosenMask, FirstPass
from sam2_session.settings import Settings
from sam2_session.storage import atomic
from sam2_session.storage.mask_rows import read_mask, save_mask
from tests.annotating import (
    BODY,
    DISC,
    Annotator,
    annotating,
    make_moving_clip,
    mask_bytes,
    settings_of,
)

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
FIRST, LAST = 1, 9
GAP = range(FIRST + 1, LAST)


@pytest.fixture
def ada(settings: Settings) -> Iterator[Annotator]:
    with annotating(settings) as annotator:
        prompt_both(annotator)
        yield annotator


def prompt_both(ada: Annotator) -> None:
    ada.open()
    for frame_idx in (FIRST, LAST):
        ada.click(frame_idx, BODY[0] + 2 * frame_idx, BODY[1])


def folder_of(settings: Settings) -> Path:
    settings.videos_dir.mkdir()
    return settings.videos_dir


def rows(ada: Annotator) -> dict[int, dict[str, Any]]:
    masks = ada.call("list_masks", **KEY)["masks"]
    return {mask["frame_idx"]: {**mask, "rev": None} for mask in masks}


def files(settings: Settings) -> list[bytes]:
    return [mask_bytes(settings, frame_idx) for frame_idx in range(24)]


def test_a_fill_tracks_between_prompted_frames_from_both_sides(
    ada: Annotator, settings: Settings
) -> None:
    job = ada.propagate(mode="fill")
    made = rows(ada)

    assert (job["state"], job["made"], job["tracked"]) == ("done", len(GAP), 2 * len(GAP) + 4)
    assert {idx for idx, row in made.items() if row["run"] == 1} == set(GAP)
    assert all(made[idx]["agreement"] > 0.8 for idx in GAP)
    assert not any(row["stale"] for row in made.values())
    assert not list((settings.outputs_dir / "clip/.replaced").rglob("*.first.png"))
    again = ada.send("propagate", video_id="clip", pairs="all", mode="fill")
    assert again["error"]["code"] == "nothing_to_do"


def test_each_frame_has_the_mask_of_one_side_and_the_nearer_one_where_they_agree(
    ada: Annotator, settings: Settings
) -> None:
    ada.propagate(start=FIRST, end=LAST)
    forward = files(settings)
    ada.propagate(mode="fill")
    filled = files(settings)

    assert [idx for idx in GAP if filled[idx] != forward[idx]] == [
        idx for idx in GAP if idx > 5 and filled[idx] != forward[idx]
    ]
    assert filled[FIRST + 1 : 5] == forward[FIRST + 1 : 5]


def test_sides_that_disagree_are_suspicious(settings: Settings) -> None:
    make_moving_clip(folder_of(settings) / "clip.mp4", frames=30)
    with annotating(settings) as bob:
        bob.open()
        bob.click(1, *BODY)
        bob.click(28, DISC[0] - 2 * 28, DISC[1])  # another object: the sides meet nowhere
        bob.propagate(mode="fill")
        apart = [idx for idx, row in rows(bob).items() if row.get("agreement", 1) < 0.6]
        curve = bob.call("list_suspicion_curves", video_id="clip")["curves"][0]["values"]

    assert len(apart) > 5
    assert {idx for idx, value in curve if value >= 0.5} >= set(apart)


def test_a_fill_is_taken_back_as_any_run_and_undo_brings_it_again(
    ada: Annotator, settings: Settings
) -> None:
    ada.propagate(direction="forward")
    before = files(settings)
    ada.click(5, BODY[0] + 10, BODY[1] + 6)
    corrected = files(settings)
    ada.propagate(mode="fill")
    filled = files(settings)
    run = ada.call("list_runs", video_id="clip")["runs"][0]

    answer = ada.call("roll_back", video_id="clip", run=run["run"])
    back = files(settings)
    assert (
        ada.send("undo", key=KEY, frame_idx=answer["undo_at"]["frame_idx"])["status"] == "applied"
    )

    assert (run["mode"], run["replaced"]) == ("fill", len(GAP) - 1)
    assert back == corrected
    assert before[LAST + 1 :] == filled[LAST + 1 :]
    assert files(settings) == filled


def test_a_fill_keeps_approved_and_absent_frames(ada: Annotator, settings: Settings) -> None:
    ada.propagate(mode="fill")
    ada.send("approve", key=KEY, frames=[[4, 4]], approved=True)
    ada.call("mark_absent", **KEY, frames=[[6, 6]], absent=True)
    kept = mask_bytes(settings, 4)
    job = ada.propagate(mode="fill", force=True)

    assert (job["made"], job["kept"]) == (len(GAP) - 2, 1)
    assert mask_bytes(settings, 4) == kept
    assert rows(ada)[6]["absent"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"start": 2}, "nothing_to_do"), ({"from_frame": 3}, "invalid_request")],
)
def test_a_fill_needs_two_prompted_frames(
    ada: Annotator, fields: dict[str, int], code: str
) -> None:
    ack = ada.send("propagate", video_id="clip", pairs="all", mode="fill", **fields)

    assert ack["error"]["code"] == code


def test_a_stopped_fill_leaves_whole_masks_and_goes_on_to_the_same_end(
    settings: Settings, tmp_path: Path
) -> None:
    make_moving_clip(folder_of(settings) / "clip.mp4", frames=24)
    with annotating(settings) as bob:
        prompt_long(bob)
        bob.propagate(mode="fill")
        at_once = rows(bob), files(settings)
    (tmp_path / "stopped").mkdir()
    stopped = settings_of(tmp_path / "stopped")
    make_moving_clip(folder_of(stopped) / "clip.mp4", frames=24)
    with annotating(stopped) as bob:
        prompt_long(bob)
        stop_at(bob, 23)
        ack = bob.send("propagate", video_id="clip", pairs="all", mode="fill")
        left, half = bob.job_ended(ack["job_id"]), rows(bob)
        bob.propagate(mode="fill")
        at_last = rows(bob), files(stopped)

    assert left["state"] == "cancelled"
    assert set(half) == set(range(1, 23))
    assert 1 < sum("agreement" not in half[idx] for idx in range(2, 22)) < 20
    assert [idx for idx, row in at_once[0].items() if at_last[0][idx] != row] == []
    assert at_last[1] == at_once[1]


def prompt_long(bob: Annotator) -> None:
    bob.open()
    bob.click(1, *BODY)
    bob.click(22, BODY[0] + 44, BODY[1])


def stop_at(bob: Annotator, done: int) -> None:
    """Cancel the next run as soon as so many visits are stored."""
    jobs: set[str] = set()

    def stop(event: Event) -> None:
        data = event.data
        if event.name != "job_progress" or data["kind"] != "propagate":
            return
        jobs.add(data["job_id"])
        if len(jobs) == 1 and data["done"] >= done:
            bob.services._jobs.cancel(data["job_id"])

    bob.services.bus.subscribe(stop)


def test_after_a_kill_in_between_the_same_two_masks_are_compared(
    ada: Annotator, settings: Settings
) -> None:
    ada.propagate(start=FIRST, end=LAST)
    project = ada.services._projects.get("clip")
    key = SessionKey("clip", 1, "overall")
    first_pass = FirstPass(project, 1, [key])
    other = ChosenMask(decode_mask(disc_mask(), (96, 160)), 9.0)

    before_kill = first_pass.choose(key, 6, other)
    atomic.write_bytes(project.workspace.mask_path(key, 6), disc_mask())  # but not its row
    after_kill = FirstPass(project, 1, [key]).choose(key, 6, other)
    first_pass.drop()

    assert before_kill.agreement == after_kill.agreement == 0
    assert (before_kill.mask_hw == after_kill.mask_hw).all()


def test_a_frame_that_is_visited_again_after_a_kill_keeps_its_choice(
    ada: Annotator, settings: Settings
) -> None:
    ada.propagate(start=FIRST, end=LAST)
    project = ada.services._projects.get("clip")
    key = SessionKey("clip", 1, "overall")
    row = project.db.read(lambda tx: read_mask(tx, key, 6))
    assert row is not None
    disc = decode_mask(disc_mask(), (96, 160))
    chosen = replace(row, score=2.5, agreement=0.25, facts=mask_facts(disc))
    atomic.write_bytes(project.workspace.mask_path(key, 6), disc_mask())
    project.db.write(lambda tx: save_mask(tx, key, chosen))
    other = ChosenMask(~disc, 9.0)

    found = FirstPass(project, row.run or 0, [key]).choose(key, 6, other)

    assert (found.score, found.agreement) == (2.5, 0.25)
    assert (found.mask_hw == disc).all()


def disc_mask() -> bytes:
    """The green disc on the last prompted frame, as PNG."""
    mask_hw = np.zeros((96, 160), np.uint8)
    cv2.circle(mask_hw, (int(DISC[0]) - 2 * LAST, int(DISC[1])), 16, 255, -1)
    return cv2.imencode(".png", mask_hw)[1].tobytes()
