"""Cells of a review: frames by pairs with their states, page by page; items of a batch."""

from __future__ import annotations

from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator
from tests.services.batches.steps import click, cut_clip, working_on

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}


def cells(ada: Annotator, **fields: Any) -> Any:
    return ada.call("list_cells", video_id="clip", **fields)


def frames(page: Any) -> list[int]:
    return [cell["frame_idx"] for cell in page["cells"]]


@pytest.fixture
def tracked(ada: Annotator) -> Annotator:
    """Masks on frames 0 to 5."""
    ada.click(0, *BODY)
    ada.propagate(direction="forward", start=0, end=5)
    return ada


def test_every_frame_of_a_pair_is_a_cell_in_its_state(tracked: Annotator) -> None:
    tracked.send("approve", key=KEY, frames=[[1, 1]], approved=True)
    tracked.send("approve", key=KEY, frames=[[2, 2]], rejected=True, reason="ragged")

    page = cells(tracked)

    states = [cell["state"] for cell in page["cells"]]
    assert states[:4] == ["waiting", "approved", "rejected", "waiting"]
    assert states[4:7] == ["waiting", "waiting", "missing"]
    assert frames(page) == list(range(page["videos"][0]["num_frames"]))
    assert (page["cells"][2]["reason"], page["cells"][2]["region"]) == ("ragged", "overall")
    assert [cell["frame_idx"] for cell in page["cells"] if cell["prompted"]] == [0]
    assert "rev" not in page["cells"][6]
    assert page["next"] is None


def test_pages_follow_one_another_and_hold_no_more_than_asked_for(tracked: Annotator) -> None:
    start, seen = 0, []
    while start is not None:
        page = cells(tracked, start=start, limit=5)
        assert len(page["cells"]) <= 5
        seen += frames(page)
        start = page["next"]

    assert seen == frames(cells(tracked))


def test_of_frames_with_nothing_to_say_only_every_kth_is_a_cell(tracked: Annotator) -> None:
    tracked.send("approve", key=KEY, frames=[[3, 3]], rejected=True)

    found = frames(cells(tracked, every=4, end=8))

    scores = {row["frame_idx"]: row["score"] for row in tracked.call("list_masks", **KEY)["masks"]}
    unsure = {idx for idx, score in scores.items() if score is not None and score < 2}
    assert found == sorted({0, 3, 4, 8} | unsure)


def test_a_stretch_around_a_frame_is_read(tracked: Annotator) -> None:
    assert frames(cells(tracked, start=2, end=4)) == [2, 3, 4]


def test_a_video_that_nobody_annotated_has_no_cells(ada: Annotator) -> None:
    assert (cells(ada)["cells"], cells(ada)["next"]) == ([], None)


def test_a_stale_mask_says_so(tracked: Annotator) -> None:
    tracked.click(0, 45, 40)

    stale = [cell["frame_idx"] for cell in cells(tracked)["cells"] if cell.get("stale")]

    assert stale == [1, 2, 3, 4, 5]


def test_each_item_of_a_batch_shows_its_first_prompted_frame(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        click(ada, first)
        key = {"video_id": first, "instance_id": 1, "region": "overall"}
        ada.send("approve", key=key, frames=[[0, 0]], rejected=True, reason="ragged")

        page = ada.call("list_batch_cells", batch_id="long", limit=2)
        rest = ada.call("list_batch_cells", batch_id="long", start=page["next"])

    found = [(cell["item"], cell["state"], cell["region"]) for cell in page["cells"]]
    assert found == [(1, "rejected", "overall"), (2, "missing", None)]
    assert (page["next"], rest["next"]) == (3, None)
    assert [cell["item"] for cell in rest["cells"]] == [3]


def test_rejected_items_are_chosen_to_be_processed_again(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        click(ada, first)
        key = {"video_id": first, "instance_id": 1, "region": "overall"}
        ada.send("approve", key=key, frames=[[0, 0]], rejected=True)

        row = ada.call("get_batch", batch_id="long")["items"][0]
        answer = ada.call("process_batch", batch_id="long", items="rejected")

    assert row["rejected_masks"] == 1
    assert answer["items"] == 1
