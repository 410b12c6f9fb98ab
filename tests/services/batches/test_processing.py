"""Process all: one item after another, and what comes between."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sam2_session.core.errors import Conflict, ExportNotFound, InvalidRequest, NothingToDo
from sam2_session.settings import Settings
from sam2_session.storage.probe import probe
from tests.annotating import Annotator, device_held, make_moving_clip
from tests.clips import make_clip
from tests.services.batches.steps import (
    click,
    cut_clip,
    ended,
    masks_of,
    process,
    states,
    step,
    working_on,
    zipped,
)


def annotated(ada: Annotator, **fields: object) -> list[str]:
    """Cut the clip, and click on the first frame of every segment."""
    video_ids = cut_clip(ada, **fields)
    for video_id in video_ids:
        click(ada, video_id)
    return video_ids


def test_every_annotated_item_is_processed(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, third = cut_clip(ada)
        click(ada, first)
        click(ada, third)
        job = process(ada)
        after = states(ada)

    assert (job["state"], job["done"], job["total"]) == ("done", 8, 8)
    assert (job["items_done"], job["items_total"], job["error"]) == (2, 2, None)
    assert after == ["processed", "todo", "processed"]
    assert [len(masks_of(settings, video_id)) for video_id in (first, second, third)] == [4, 0, 4]


def test_the_masks_of_a_segment_are_those_of_the_same_frames_as_a_video(
    settings: Settings,
) -> None:
    """Bit for bit: nothing of a neighbour conditions it."""
    with working_on(settings) as ada:
        ada.open()
        ada.click(0, 30, 30)
        ada.propagate()  # the whole has masks of its own, beside
        first, second, third = annotated(ada)
        process(ada)
        own = settings.videos_dir / "own"
        own.mkdir()
        for frame_idx in range(4, 8):
            name = f"{frame_idx + 1:05d}.jpg"
            (own / name).write_bytes((settings.outputs_dir / "clip/frames" / name).read_bytes())
        ada.call("list_videos")
        click(ada, "own")
        key = {"instance_id": 1, "region": "overall"}
        ended(ada, ada.call("propagate", video_id="own", pairs=[key])["job_id"])

    assert len(masks_of(settings, "own")) == 4
    assert masks_of(settings, second) == masks_of(settings, "own")
    assert masks_of(settings, first) != masks_of(settings, third)


def test_an_item_that_fails_says_why_and_stops_no_other(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, second, third = annotated(ada)
        broken = settings.outputs_dir / second / "frames/00003.jpg"
        ada.until(lambda: ada.call("get_video", video_id=second)["state"] == "ready")
        broken.write_bytes(b"no picture")
        job = process(ada)
        failed = ada.call("get_batch", batch_id="long")
        broken.write_bytes((settings.outputs_dir / second / "frames/00002.jpg").read_bytes())
        again = ended(ada, ada.call("change_processing", batch_id="long", verb="retry")["job_id"])

        assert (job["state"], job["items_done"]) == ("done", 3)
        assert [row["state"] for row in failed["items"]] == ["processed", "failed", "processed"]
        assert "00003.jpg" in failed["items"][1]["error"]["message"]
        assert failed["counts"]["failed"] == 1
        assert (again["items_total"], again["state"]) == (1, "done")
        assert states(ada) == ["processed"] * 3


def test_items_can_be_chosen_by_number(settings: Settings) -> None:
    with working_on(settings) as ada:
        annotated(ada)
        process(ada, items=[3])

        assert states(ada) == ["previewed", "previewed", "processed"]
        with pytest.raises(InvalidRequest, match="no item 9"):
            process(ada, items=[9])


def test_without_prompts_there_is_nothing_to_process(settings: Settings) -> None:
    with working_on(settings) as ada:
        cut_clip(ada)
        with pytest.raises(NothingToDo):
            process(ada)
        with pytest.raises(NothingToDo, match="not being processed"):
            ada.call("change_processing", batch_id="long", verb="pause")


def test_a_skipped_item_is_not_processed(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = annotated(ada)
        step(ada, 1, "skip")
        process(ada)

    assert len(masks_of(settings, first)) == 1


def test_processing_waits_on_hold_and_goes_on(settings: Settings) -> None:
    with working_on(settings) as ada:
        video_ids = annotated(ada)
        with device_held(ada):
            job_id = ada.call("process_batch", batch_id="long")["job_id"]
            ada.until(lambda: states(ada)[0] == "processing")
            with pytest.raises(Conflict):
                ada.call("process_batch", batch_id="long")
            held = ada.call("change_processing", batch_id="long", verb="pause")
        ada.until(lambda: "processing" not in states(ada))
        waiting = ada.call("get_batch", batch_id="long")
        ada.call("change_processing", batch_id="long", verb="resume")
        job = ended(ada, job_id)

        assert held["on_hold"]
        assert waiting["on_hold"]
        assert [row["state"] for row in waiting["items"]] == ["queued"] * 3
        assert (job["state"], job["on_hold"]) == ("done", False)
        assert states(ada) == ["processed"] * 3
    assert [len(masks_of(settings, video_id)) for video_id in video_ids] == [4, 4, 4]


def test_processing_can_be_cancelled_as_any_job(settings: Settings) -> None:
    with working_on(settings) as ada:
        annotated(ada)
        with device_held(ada):
            job_id = ada.call("process_batch", batch_id="long")["job_id"]
            ada.until(lambda: states(ada)[0] == "processing")
            ada.call("cancel", job_id=job_id)
        job = ended(ada, job_id)

        assert job["state"] == "cancelled"
        assert states(ada)[1:] == ["previewed"] * 2


def test_processing_goes_on_after_a_restart_where_it_was(settings: Settings) -> None:
    with working_on(settings) as ada:
        video_ids = annotated(ada)
        with device_held(ada):
            job_id = ada.call("process_batch", batch_id="long")["job_id"]
            ada.until(lambda: states(ada)[0] == "processing")
    with working_on(settings) as ada:
        job = ended(ada, job_id)

        assert (job["state"], job["items_done"]) == ("done", 3)
        assert states(ada) == ["processed"] * 3
    assert [len(masks_of(settings, video_id)) for video_id in video_ids] == [4, 4, 4]


def test_one_item_is_processed_at_once(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = annotated(ada)
        step(ada, 1, "process")
        ada.until(lambda: states(ada)[0] == "processed")

    assert len(masks_of(settings, first)) == 4


def test_an_item_clicked_on_a_later_frame_is_tracked_both_ways(settings: Settings) -> None:
    with working_on(settings) as ada:
        first, *_ = cut_clip(ada)
        ada.open(first)
        key = {"video_id": first, "instance_id": 1, "region": "overall"}
        ada.send("add_point", key=key, frame_idx=2, x=30, y=30, label=1)
        process(ada)

    assert len(masks_of(settings, first)) == 4


def test_green_screens_of_all_items_go_on_counting(settings: Settings) -> None:
    with working_on(settings) as ada:
        annotated(ada)
        ada.call(
            "update_batch", batch_id="long", settings={"offset": 19800, "background": "#0000ff"}
        )
        process(ada, export={"format": "green_screen", "options": {"empty_frames": True}})
        listed = ada.call("list_batch_exports", batch_id="long")["exports"]
        archive = zipped(ada, "green_screen")
        with pytest.raises(ExportNotFound):
            ada.call("stream_batch_export", batch_id="long", format="../long")
    folder = settings.outputs_dir / "batches/long/export_green_screen"

    assert sorted(path.name for path in folder.glob("*.png")) == [
        f"frame_{number:06d}_masked.png" for number in range(19800, 19812)
    ]
    (row,) = listed
    where = "batches/long/export_green_screen"
    assert (row["format"], row["folder"], row["files"]) == ("green_screen", where, 15)
    assert abs(row["changed_at"] - folder.stat().st_mtime) < 1
    assert archive.testzip() is None
    on_disk = [path for path in folder.rglob("*") if path.is_file()]
    assert {name: archive.read(name) for name in archive.namelist()} == {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in on_disk
    }
    assert not list(settings.outputs_dir.glob("clip-*/exports/*.zip"))


@pytest.mark.parametrize("name", ["coco", "masks_zip", "overlay_mp4", "tables"])
def test_every_item_is_exported_in_any_format(settings: Settings, name: str) -> None:
    with working_on(settings) as ada:
        first, second, third = annotated(ada)
        job = process(ada, export={"format": name})
    folder = settings.outputs_dir / f"batches/long/export_{name}"
    manifests = sorted(path.stem for path in (folder / "manifests").iterdir())

    assert job["format"] == name
    assert manifests == [f"001-{first}", f"002-{second}", f"003-{third}"]
    if name == "masks_zip":
        numbers = [path.stem for path in sorted(folder.glob("instance1/masks_overall/*.png"))]
        assert numbers == [f"{number:05d}" for number in range(1, 13)]
    else:
        assert len([path for path in folder.glob("0*") if path.is_file()]) == 3
    if name == "overlay_mp4":
        assert probe(folder / "all-long.mp4").num_frames == 12
    if name == "coco":
        with zipfile.ZipFile(folder / f"002-{second}.zip") as archive:
            assert b"00005.jpg" in archive.read("annotations/instances.json")


def test_an_export_that_cannot_be_is_refused_before_anything_runs(settings: Settings) -> None:
    with working_on(settings) as ada:
        annotated(ada)
        for export in ({"format": "vhs"}, {"format": "coco", "options": {"speed": 2}}):
            with pytest.raises(InvalidRequest):
                ada.call("process_batch", batch_id="long", export=export)

        assert states(ada) == ["previewed"] * 3


def test_videos_of_different_files_are_processed_alike(settings: Settings, tmp_path: Path) -> None:
    with working_on(settings) as ada:
        make_moving_clip(settings.videos_dir / "other.mp4", 5)
        ada.call("list_videos")
        ada.call("create_batch", name="long", video_ids=["other", "clip"])
        click(ada, "other")
        click(ada, "clip")
        process(ada)

    assert [len(masks_of(settings, video_id)) for video_id in ("other", "clip")] == [5, 12]


def test_videos_of_different_sizes_stay_one_file_each(settings: Settings) -> None:
    with working_on(settings) as ada:
        make_clip(settings.videos_dir / "small.mp4", frames=3)
        ada.call("list_videos")
        ada.call("create_batch", name="long", video_ids=["small", "clip"])
        click(ada, "small")
        click(ada, "clip")
        job = process(ada, export={"format": "overlay_mp4"})
    folder = settings.outputs_dir / "batches/long/export_overlay_mp4"

    assert job["state"] == "done"
    assert "differs from 001-small.mp4 in size" in job["note"]
    assert sorted(path.name for path in folder.glob("*.mp4")) == ["001-small.mp4", "002-clip.mp4"]
