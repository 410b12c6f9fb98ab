"""The objects of the client over a folder, with the real model."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from sam2_session import Studio
from sam2_session.client.jobs import Job
from sam2_session.client.videos import Video
from sam2_session.core.types import Box, Keypoint, Point
from sam2_session.errors import (
    InstanceNotFound,
    InvalidPrompt,
    InvalidRequest,
    MaskNotFound,
    NothingToDo,
    SessionError,
    VideoNotFound,
)
from tests.annotating import BODY, DISC, SIZE, make_moving_clip
from tests.client.workspaces import small_studio
from tests.formats.archives import mask_png

SIZE_HW = (SIZE[1], SIZE[0])
FRAMES = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studio")
    make_moving_clip(folder / "clip.mp4", FRAMES)
    return folder


@pytest.fixture
def studio(folder: Path) -> Iterator[Studio]:
    with small_studio(folder) as studio:
        yield studio


@pytest.fixture
def video(studio: Studio, folder: Path) -> Video:
    return studio.video(folder / "clip.mp4")


def test_a_click_gives_the_mask_of_what_lies_there(video: Video) -> None:
    gripper = video.add_instance("needle driver")["gripper"]

    mask = gripper.click(*BODY, frame=0)

    assert (mask.shape, mask.dtype) == (SIZE_HW, np.bool_)
    assert mask[int(BODY[1]), int(BODY[0])]
    assert not mask[int(DISC[1]), int(DISC[0])]
    assert (gripper.mask(0) == mask).all()
    assert gripper.prompts()[0].points == (Point(*BODY, 1),)


def test_a_run_gives_each_mask_once_in_its_order(video: Video) -> None:
    pair = video.add_instance()["shaft"]
    pair.click(*BODY, frame=4)

    steps = list(pair.propagate(direction="both"))

    order = [*range(4, FRAMES), *range(3, -1, -1)]
    assert [step.frame_idx for step in steps] == order
    masks = pair.masks()
    assert all((step.mask == masks[step.frame_idx]).all() for step in steps)
    scores = {facts.frame_idx: facts.score for facts in pair.facts()}
    assert {step.frame_idx: step.score for step in steps} == scores
    assert sorted(pair.masks(2, 3)) == [2, 3]
    with pytest.raises(NothingToDo):
        pair.propagate(direction="both")


def test_leaving_the_loop_stops_the_run(video: Video) -> None:
    pair = video.add_instance()["wrist"]
    pair.click(*DISC, frame=0)

    for step in pair.propagate():
        assert step.frame_idx == 0
        break

    job = video.jobs()[-1]
    assert job.is_finished
    assert 0 in pair.masks()


def test_prompts_are_set_and_undone(video: Video) -> None:
    pair = video.add_instance()["overall"]
    boxed = pair.box(10, 12, 60, 48, frame=0)
    both = pair.click(*DISC, frame=0, label=0)

    assert pair.prompts()[0].box == Box(10, 12, 60, 48)
    assert boxed[int(BODY[1]), int(BODY[0])]
    pair.undo(0)
    assert (pair.mask(0) == boxed).all()
    pair.redo(0)
    assert (pair.mask(0) == both).all()
    pair.clear(0)
    with pytest.raises(MaskNotFound):
        pair.mask(0)


def test_a_mask_of_ones_own_is_kept_to_the_pixel(video: Video) -> None:
    pair = video.add_instance()["overall"]
    drawn = np.zeros(SIZE_HW, np.uint8)
    drawn[3:9, 5:50] = 255

    assert (pair.put_mask(drawn, frame=2) == (drawn > 0)).all()
    assert pair.facts()[0].source == "human"
    assert pair.prompts()[0].mask
    with pytest.raises(InvalidPrompt, match=r"shape \(3, 3\)"):
        pair.put_mask(np.ones((3, 3)), frame=2)


def test_the_masks_of_a_frame_come_as_one_array_of_numbers(video: Video) -> None:
    upper, lower = video.add_instance()["shaft"], video.add_instance()["overall"]
    drawn = np.arange(SIZE_HW[0])[:, None] < np.full(SIZE_HW, 40)
    upper.put_mask(drawn, frame=2)
    lower.put_mask(~drawn, frame=2)

    found = video.ids(2, [upper, lower])

    numbers = {pair: number for number, pairs in found.pairs.items() for pair in pairs}
    assert sorted(numbers) == [(pair.instance_id, pair.region) for pair in (upper, lower)]
    wanted = np.where(drawn, *(numbers[pair.instance_id, pair.region] for pair in (upper, lower)))
    assert (found.ids_hw == wanted).all()


def test_masks_are_approved_and_objects_marked_absent(video: Video) -> None:
    pair = video.add_instance()["overall"]
    pair.click(*BODY, frame=0)

    assert pair.approve([(0, 0)]) == 1
    pair.mark_absent([(3, 4)])

    assert [(facts.approved, facts.absent) for facts in pair.facts()] == [
        (True, False), (False, True), (False, True),
    ]  # fmt: skip


def test_frames_are_rgb(video: Video) -> None:
    frame = video.frame(0)

    assert (frame.shape, frame.dtype) == ((*SIZE_HW, 3), np.uint8)
    red, green, blue = map(int, frame[int(BODY[1]), int(BODY[0])])
    assert red > 180 > 90 > max(green, blue)
    assert video.frame(0, width=80).shape == (48, 80, 3)


def test_keypoints_are_replaced(video: Video) -> None:
    instance = video.add_instance()

    instance.set_keypoints([Keypoint(0, 3, 10.5, 20, "tip")])

    (kept,) = instance.keypoints()
    assert (kept.frame_idx, kept.x, kept.name, kept.visible) == (3, 10.5, "tip", True)
    assert kept.keypoint_id > 0


def test_a_job_reports_while_several_pairs_are_tracked(video: Video) -> None:
    instance = video.add_instance("both")
    pairs = [instance["shaft"], instance["wrist"]]
    for pair, at in zip(pairs, (BODY, DISC), strict=True):
        pair.click(*at, frame=0)
    seen: list[int] = []

    def note(job: Job) -> None:
        seen.append(job.done)

    job = video.propagate(pairs).wait(note)

    assert (job.state, job.done, job.total) == ("done", FRAMES, FRAMES)
    assert seen == sorted(seen)
    assert seen[-1] == FRAMES
    assert [len(pair.masks()) for pair in pairs] == [FRAMES, FRAMES]
    assert {pair.key for pair in pairs} <= {pair.key for pair in video.pairs()}


def test_what_is_exported_is_imported_again(video: Video, tmp_path: Path) -> None:
    pair = video.add_instance("out")["shaft"]
    pair.click(*BODY, frame=0)

    made = video.export("masks_zip", tmp_path / "out.zip", pairs=[pair], digits=8)

    assert made.path.stat().st_size == made.bytes
    with zipfile.ZipFile(made.path) as file:
        assert f"instance{pair.instance_id}/masks_shaft/00000001.png" in file.namelist()
    preview = video.preview_import(made.path)
    assert preview["counts"]["masks"] == 1
    with pytest.raises(InvalidRequest, match="no option"):
        video.export("masks_zip", tmp_path / "no.zip", colour="red")


def test_an_import_is_undone(video: Video, tmp_path: Path) -> None:
    (tmp_path / "tool").mkdir()
    (tmp_path / "tool" / "00001.png").write_bytes(mask_png(1, SIZE_HW))
    target = video.add_instance("imported")["wrist"]
    mapping = {"tool": {"instance_id": target.instance_id, "region": "wrist"}}

    made = video.import_(tmp_path, mapping=mapping)

    assert made.counts["masks"] == 1
    assert sorted(target.masks()) == [0]
    video.undo_import(made.import_id)
    assert target.masks() == {}


def test_a_file_is_known_by_its_content(studio: Studio, folder: Path, tmp_path: Path) -> None:
    first = studio.video(folder / "clip.mp4")
    other = make_moving_clip(tmp_path / "clip.mp4", FRAMES - 1)

    assert studio.video(str(folder / "clip.mp4")).video_id == first.video_id == "clip"
    assert studio.video("clip").num_frames == FRAMES
    second = studio.video(other)
    assert (second.video_id, second.num_frames) == ("clip_2", FRAMES - 1)
    assert second.delete()
    with pytest.raises(VideoNotFound):
        studio.video("clip_2")


def test_several_threads_may_click(video: Video) -> None:
    pairs = [video.add_instance()["shaft"] for _ in range(3)]
    threads = [threading.Thread(target=pair.click, args=(*BODY, 1)) for pair in pairs]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    first, *others = [pair.mask(1) for pair in pairs]
    assert all((other == first).all() for other in others)


def test_anything_else_goes_by_its_name(studio: Studio, video: Video) -> None:
    video.add_instance("gone").delete()

    items = studio.call("list_trash")["items"]

    assert any(item["name"].endswith("gone") for item in items)
    with pytest.raises(InstanceNotFound):
        _ = video.instance(999).facts
    with pytest.raises(SessionError, match="no operation"):
        studio.call("no_such")


def test_a_video_ends_the_studio_it_came_from(tmp_path: Path, folder: Path) -> None:
    before = set(threading.enumerate())
    studio = Studio(tmp_path, configs_dir=folder / "configs", precision="fp32")
    with studio.video(folder / "clip.mp4") as video:
        first = video.instance(1)["overall"].click(*BODY, frame=0)

    assert not any(thread.name == "device" for thread in set(threading.enumerate()) - before)
    with studio.video("clip") as video:
        assert (video.instance(1)["overall"].mask(0) == first).all()
