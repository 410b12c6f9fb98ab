"""Batches: what they are made of, and what is stored of them."""

from __future__ import annotations

import shutil

import pytest

from sam2_session.core.errors import Conflict, InvalidRequest, NotFound, NothingToDo, SessionError
from sam2_session.settings import Settings
from tests.annotating import Annotator, make_moving_clip
from tests.services.batches.steps import click, cut_clip, process, states, step, working_on


def spans(ada: Annotator, video_ids: list[str]) -> list[tuple[int, int]]:
    found = [ada.call("get_video", video_id=video_id)["source"] for video_id in video_ids]
    return [(source["first_frame"], source["last_frame"]) for source in found]


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        ({"every_frames": 5}, [(0, 4), (5, 9), (10, 11)]),
        ({"every_s": 0.25}, [(0, 5), (6, 11)]),  # at 25 frames per second: 6.25 frames
        ({"frames": [3, 9]}, [(0, 2), (3, 8), (9, 11)]),
        ({"frames": []}, [(0, 11)]),
    ],
)
def test_a_long_video_is_cut_into_segments(
    settings: Settings, cut: dict[str, object], expected: list[tuple[int, int]]
) -> None:
    with working_on(settings) as ada:
        video_ids = cut_clip(ada, cut=cut)

        assert spans(ada, video_ids) == expected


def test_a_folder_is_a_batch_in_natural_order(settings: Settings) -> None:
    folder = settings.videos_dir / "organized"
    with working_on(settings) as ada:
        folder.mkdir()
        for number in (10, 9, 1):
            make_moving_clip(folder / f"part_{number}.mp4", 3)
        batch = ada.call("create_batch", folder="organized")
        again = ada.call("create_batch", folder="organized")
    with working_on(settings) as ada:
        kept = ada.call("get_batch", batch_id="organized")

    assert [row["name"] for row in batch["items"]] == [
        f"organized/part_{number}.mp4" for number in (1, 9, 10)
    ]
    assert (batch["batch_id"], again["batch_id"]) == ("organized", "organized-2")
    ids = [row["video_id"] for row in batch["items"]]
    assert [row["video_id"] for row in again["items"]] == ids
    assert [row["video_id"] for row in kept["items"]] == ids


def test_folders_of_pictures_are_items_too(settings: Settings) -> None:
    with working_on(settings) as ada:
        ada.open()
        frames = settings.outputs_dir / "clip/frames"
        for part in ("video_part_002", "video_part_001"):
            shutil.copytree(frames, settings.videos_dir / "organized" / part)
        batch = ada.call("create_batch", folder="organized")
        first = batch["items"][0]["video_id"]
        ada.open(first)

        assert [row["video_id"] for row in batch["items"]] == ["video_part_001", "video_part_002"]
        assert ada.call("get_video", video_id=first)["num_frames"] == 12


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({}, "one source"),
        ({"video_ids": ["clip", "clip"]}, "in a batch once"),
        ({"video_ids": ["nowhere"]}, "No video"),
        ({"folder": "nowhere"}, "no folder"),
        ({"folder": "../videos"}, "no folder"),
        ({"video_id": "clip"}, "one rule"),
        ({"video_id": "clip", "cut": {"every_frames": 4, "at": "scene_cuts"}}, "one rule"),
        ({"video_id": "clip", "cut": {"every_frames": 0}}, "every_frames must be"),
        ({"video_id": "clip", "cut": {"frames": [99]}}, "no frame 99"),
    ],
)
def test_a_batch_that_cannot_be_made_says_why(
    settings: Settings, source: dict[str, object], message: str
) -> None:
    with working_on(settings) as ada:
        with pytest.raises(SessionError, match=message):
            ada.call("create_batch", **source)

        assert ada.call("list_batches") == {"batches": []}


def test_a_batch_is_the_same_after_a_restart(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, _ = cut_clip(ada)
        click(ada, first)
        step(ada, 1, "save")
        step(ada, 2, "skip")
        step(ada, 3, "note", note="blurred")
        ada.call("update_batch", batch_id="long", settings={"offset": 19800})
        before = ada.call("get_batch", batch_id="long")
    with working_on(settings) as ada:
        after = ada.call("get_batch", batch_id="long")

    for row in (*before["items"], *after["items"]):
        row |= {"clients": [], "names": [], "extracted": 0}  # of this process, and of this moment
    assert after == before
    assert [row["state"] for row in after["items"]] == ["previewed", "skipped", "todo"]
    assert [row["first_number"] for row in after["items"]] == [19800, 19804, 19808]
    assert after["items"][2]["note"] == "blurred"


def test_the_order_can_be_changed_and_marks_stay_with_their_video(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, third = cut_clip(ada)
        step(ada, 2, "skip")
        ada.call("update_batch", batch_id="long", video_ids=[third, second])
        batch = ada.call("get_batch", batch_id="long")

    assert [(row["video_id"], row["state"]) for row in batch["items"]] == [
        (third, "todo"),
        (second, "skipped"),
    ]


def test_a_deleted_batch_goes_to_the_trash_and_its_videos_stay(settings: Settings) -> None:
    with working_on(settings) as ada:
        video_ids = cut_clip(ada)
        ada.call("delete_batch", batch_id="long")
        with pytest.raises(NotFound):
            ada.call("get_batch", batch_id="long")
        listed = [video["video_id"] for video in ada.call("list_videos")["videos"]]

    assert set(video_ids) < set(listed)
    assert [path.name for path in (settings.outputs_dir / ".trash").glob("*/long")] == ["long"]


def test_a_deleted_batch_comes_back_from_the_trash(settings: Settings) -> None:
    anna = {"client_id": "ada", "client_name": "Anna"}
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        step(ada, 2, "skip")
        before = ada.call("get_batch", batch_id="long")
        trash_id = ada.call("delete_batch", batch_id="long", **anna)["trash_id"]
        (item,) = ada.call("list_trash")["items"]
    with working_on(settings) as ada:
        back = ada.call("restore_trashed", trash_id=trash_id, **anna)
        after = ada.call("get_batch", batch_id="long")
        ada.call("delete_batch", batch_id="long")
        cut_clip(ada)
        other = ada.call("restore_trashed", trash_id=ada.call("list_trash")["items"][0]["trash_id"])
        states_of_other = ada.call("get_batch", batch_id=other["batch_id"])["counts"]

    assert (item["kind"], item["name"], item["client"]) == ("batch", "long", "Anna")
    assert (item["batch_id"], back["batch_id"]) == ("long", "long")
    for row in (*before["items"], *after["items"]):
        row |= {"clients": [], "names": [], "extracted": 0}
    assert after == before
    assert (other["batch_id"], states_of_other["skipped"]) == ("long-2", 1)


def test_a_batch_of_the_trash_without_a_record_is_listed_by_its_content(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada)
        trash_id = ada.call("delete_batch", batch_id="long")["trash_id"]
        (settings.outputs_dir / ".trash" / trash_id / "trash.json").unlink()
        (item,) = ada.call("list_trash")["items"]
        ada.call("restore_trashed", trash_id=trash_id)

        assert (item["kind"], item["name"]) == ("batch", "long")
        assert states(ada) == ["todo"] * 3


def test_untouched_segments_can_be_deleted_with_their_batch(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, third = cut_clip(ada)
        click(ada, first)
        ada.call("create_batch", name="other", video_ids=["clip", second])
        answer = ada.call("delete_batch", batch_id="long", segments=True)
        listed = [video["video_id"] for video in ada.call("list_videos")["videos"]]
        again = cut_clip(ada)

    assert answer["segments"] == 1
    assert listed == ["clip", first, second]
    assert third in again
    assert (settings.videos_dir / "clip.mp4").is_file()


def test_a_video_that_was_deleted_is_a_failed_item(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        ada.call("delete_video", video_id=first)
        row = ada.call("get_batch", batch_id="long")["items"][0]

    assert (row["state"], row["error"]["code"]) == ("failed", "video_not_found")


def test_the_states_of_an_item_follow_from_its_video(settings: Settings) -> None:
    with working_on(settings) as ada:
        video_ids = cut_clip(ada)
        seen = [states(ada)[0]]
        click(ada, video_ids[0])
        seen.append(states(ada)[0])
        process(ada)
        seen.append(states(ada)[0])
        step(ada, 1, "approve")
        seen.append(states(ada)[0])
        click(ada, video_ids[0], 40, 40)
        seen.append(states(ada)[0])
        step(ada, 1, "skip")
        seen.append(states(ada)[0])
        step(ada, 1, "unskip")
        seen.append(states(ada)[0])

    assert seen == [
        *("todo", "previewed", "processed", "approved", "previewed", "skipped", "previewed")
    ]


def test_an_item_without_points_is_not_saved(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada)
        with pytest.raises(NothingToDo, match="has no points yet"):
            step(ada, 1, "save")
        with pytest.raises(InvalidRequest, match="no item 4"):
            step(ada, 4, "skip")


def test_a_reset_takes_the_prompts_and_can_be_undone(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        click(ada, first)
        step(ada, 1, "save")
        key = {"video_id": first, "instance_id": 1, "region": "overall"}
        before = ada.call("get_prompts", **key)["prompts"][0]["points"]
        step(ada, 1, "reset")
        emptied = ada.call("get_prompts", **key)["prompts"]
        todo = states(ada)[0]
        step(ada, 1, "undo_reset")

        assert (emptied, todo) == ([], "todo")
        assert ada.call("get_prompts", **key)["prompts"][0]["points"] == before
        assert states(ada)[0] in ("annotated", "previewed")
        with pytest.raises(NothingToDo):
            step(ada, 1, "undo_reset")


def test_a_rejected_item_keeps_its_reason_until_it_is_processed_again(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        click(ada, first)
        process(ada)
        step(ada, 1, "approve")
        step(ada, 1, "reject", reason="drifts")
        rejected = ada.call("get_batch", batch_id="long")["items"][0]
        click(ada, first, 40, 40)
        process(ada, items="rejected")
        again = ada.call("get_batch", batch_id="long")["items"][0]

    assert (rejected["state"], rejected["rejected"]) == ("processed", "drifts")
    assert (again["state"], again["rejected"]) == ("processed", None)


def test_a_batch_that_is_processed_is_not_deleted(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        click(ada, first)
        ada.call("process_batch", batch_id="long")
        ada.call("change_processing", batch_id="long", verb="pause")
        with pytest.raises(Conflict, match="being processed"):
            ada.call("delete_batch", batch_id="long")
        ada.call("change_processing", batch_id="long", verb="cancel")


def test_lists_open_no_video(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada, cut={"every_frames": 1})
        ada.call("list_batches")
        ada.call("get_batch", batch_id="long")
        opened = ada.services._projects.opened()

    assert opened == []
    assert not list(settings.outputs_dir.glob("*/session.sqlite3"))


def test_a_broken_batch_file_is_left_alone(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada)
    broken = settings.outputs_dir / "batches/broken/batch.json"
    broken.parent.mkdir()
    broken.write_text("{")
    size = broken.stat().st_size
    with working_on(settings) as ada:
        listed = [batch["batch_id"] for batch in ada.call("list_batches")["batches"]]

    assert listed == ["long"]
    assert broken.stat().st_size == size


def test_a_batch_of_a_thousand_items_opens_none_of_them(settings: Settings) -> None:
    settings.videos_dir.mkdir(parents=True)
    make_moving_clip(settings.videos_dir / "clip.mp4", 1000)
    with working_on(settings) as ada:
        video_ids = cut_clip(ada, cut={"every_frames": 1})
        handed = step(ada, 700, "skip")["next"]["item"]
        counts = ada.call("get_batch", batch_id="long")["counts"]
        stored = (settings.outputs_dir / "batches/long/batch.json").stat().st_size
        opened = ada.services._projects.opened()

    assert len(video_ids) == len(set(video_ids)) == 1000
    assert handed == 701
    assert (counts["todo"], counts["skipped"]) == (999, 1)
    assert opened == []
    assert stored < 100 * len(video_ids)
