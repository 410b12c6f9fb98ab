"""A long video is cut where its shots begin."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.settings import Settings
from tests.annotating import SIZE, Annotator
from tests.clips import not_a_video
from tests.flagged_clips import CUT, two_scenes, write_clip
from tests.services.batches.steps import click, ended, step, working_on
from training.clips import ClipSpec, make_clip

AT_CUTS: dict[str, Any] = {"video_id": "shots", "cut": {"at": "scene_cuts"}, "name": "long"}


def items_of(ada: Annotator) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ada.call("get_batch", batch_id="long")["items"]
    return items


def test_each_shot_becomes_a_segment(settings: Settings) -> None:
    write_clip(settings.videos_dir / "shots.mp4", two_scenes())
    with working_on(settings) as ada:
        batch = ada.call("create_batch", **AT_CUTS)
        job = ended(ada, batch["job_id"])
        ada.until(lambda: len(items_of(ada)) == 2)
        sources = [
            ada.call("get_video", video_id=row["video_id"])["source"] for row in items_of(ada)
        ]
        after = ada.call("get_batch", batch_id="long")

    assert (batch["items"], batch["cutting"]) == ([], "shots")
    assert (job["kind"], job["state"], job["done"]) == ("scene_cuts", "done", 2 * CUT)
    assert [(source["first_frame"], source["last_frame"]) for source in sources] == [
        (0, CUT - 1),
        (CUT, 2 * CUT - 1),
    ]
    assert (after["cutting"], after["error"]) == (None, None)


def test_the_search_goes_on_after_a_restart(settings: Settings) -> None:
    write_clip(settings.videos_dir / "shots.mp4", two_scenes())
    with working_on(settings) as ada:
        ada.services._background.is_closing = True  # it stops after its first step
        ada.call("create_batch", **AT_CUTS)
    with working_on(settings) as ada:
        ada.until(lambda: len(items_of(ada)) == 2)


def test_a_search_that_is_cancelled_leaves_its_reason(settings: Settings) -> None:
    write_clip(settings.videos_dir / "shots.mp4", two_scenes())
    with working_on(settings) as ada:
        write_clip(settings.videos_dir / "before.mp4", two_scenes())
        ada.call("create_batch", **{**AT_CUTS, "video_id": "before", "name": "before"})
        job_id = ada.call("create_batch", **AT_CUTS)["job_id"]
        ada.call("cancel", job_id=job_id)
        ended(ada, job_id)
        batch = ada.call("get_batch", batch_id="long")

    assert batch["error"]["code"] == "cancelled" or len(batch["items"]) == 2
    assert batch["cutting"] is None


def test_a_file_that_is_no_video_is_refused(settings: Settings) -> None:
    settings.videos_dir.mkdir(parents=True)
    not_a_video(settings.videos_dir / "shots.mp4")
    with working_on(settings) as ada:
        with pytest.raises(UnsupportedVideo):
            ada.call("create_batch", **AT_CUTS)

        assert ada.call("list_batches") == {"batches": []}


@pytest.mark.slow
def test_three_thousand_frames_are_cut_at_every_scene_cut(settings: Settings) -> None:
    lengths = [120 + 20 * (number % 4) for number in range(20)]
    drawn = [
        make_clip(ClipSpec(seed, length, (SIZE[1], SIZE[0]))).frames_thwc
        for seed, length in enumerate(lengths)
    ]
    write_clip(settings.videos_dir / "shots.mp4", np.concatenate(drawn))
    firsts = [0, *accumulate(lengths)]
    with working_on(settings) as ada:
        job = ended(ada, ada.call("create_batch", **AT_CUTS)["job_id"])
        ada.until(lambda: items_of(ada))
        items = items_of(ada)
        sources = [ada.call("get_video", video_id=row["video_id"])["source"] for row in items]
        click(ada, items[9]["video_id"])
        next_one = step(ada, 10, "save")["next"]

    assert (job["state"], job["done"], firsts[-1]) == ("done", firsts[-1], 3000)
    assert [(source["first_frame"], source["last_frame"] + 1) for source in sources] == [
        *pairwise(firsts)
    ]
    assert [row["first_number"] for row in items] == firsts[:-1]
    assert next_one["item"] == 11
