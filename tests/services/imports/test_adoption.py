"""A folder in outputs/ with JSON and masks but no database is imported when the video is opened."""

from __future__ import annotations

import shutil
from pathlib import Path

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_bytes
from tests.formats.archives import mask_png

MASK = mask_png(4, (96, 160))
POINTS = '{"frames": [{"frame_idx": 1, "points": [{"x": 30, "y": 30, "label": 1}], "box": null}]'
TIPS = '{"instance_id": 2, "keypoints": [{"frame_idx": 3, "x": 5, "y": 6, "name": "tip"}]}'


def leave(settings: Settings) -> Path:
    """Leave files as another tool does: two masks, points and a keypoint of instance 2."""
    folder = settings.outputs_dir / "clip/instance2"
    (folder / "masks_shaft").mkdir(parents=True)
    for number in (2, 5):
        (folder / f"masks_shaft/{number:05d}.png").write_bytes(MASK)
    (folder / "points_shaft.json").write_text(POINTS + ', "instance_id": 2, "region": "shaft"}')
    (folder / "keypoints.json").write_text(TIPS)
    return folder


def settled(ada: Annotator, settings: Settings) -> None:
    ada.open()
    ada.until(lambda: not (settings.outputs_dir / "clip/.found").exists())


def test_what_another_tool_left_comes_in(settings: Settings) -> None:
    leave(settings)
    with annotating(settings) as ada:
        settled(ada, settings)
        key = {"video_id": "clip", "instance_id": 2, "region": "shaft"}
        ada.until(lambda: len(ada.call("list_masks", **key)["masks"]) == 2)

        sources = {m["frame_idx"]: m["source"] for m in ada.call("list_masks", **key)["masks"]}
        assert sources == {1: "human", 4: "imported"}
        (prompt,) = ada.call("get_prompts", **key)["prompts"]
        assert (prompt["frame_idx"], prompt["points"][0]["x"]) == (1, 30)
        (tip,) = ada.call("get_keypoints", video_id="clip", instance_id=2)["keypoints"]
        assert (tip["frame_idx"], tip["name"]) == (3, "tip")
        assert mask_bytes(settings, 4, region="shaft", n=2) == MASK


def test_the_originals_are_in_the_trash_and_it_happens_once(settings: Settings) -> None:
    leave(settings)
    with annotating(settings) as ada:
        settled(ada, settings)
    with annotating(settings) as again:
        settled(again, settings)
        assert len(again.call("list_imports", video_id="clip")["imports"]) == 1

    trash = list(settings.outputs_dir.glob(".trash/*/.found/instance2/masks_shaft/00005.png"))
    assert [path.read_bytes() for path in trash] == [MASK]


def test_a_stop_before_the_import_loses_nothing(settings: Settings) -> None:
    leave(settings)
    with annotating(settings) as ada:
        ada.services._projects.get("clip")  # it is set aside; nobody opens it
    with annotating(settings) as again:
        settled(again, settings)

        assert mask_bytes(settings, 4, region="shaft", n=2) == MASK


def test_a_folder_of_our_own_is_left_as_it_is(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
    mine = mask_bytes(settings, 0)
    with annotating(settings) as again:
        again.open()

        assert mask_bytes(settings, 0) == mine
        assert again.call("list_imports", video_id="clip")["imports"] == []


def test_a_lost_database_is_rebuilt_from_its_files(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.propagate()
    masks = [mask_bytes(settings, frame_idx) for frame_idx in range(12)]
    for path in settings.outputs_dir.glob("clip/session.sqlite3*"):
        path.unlink()
    with annotating(settings) as again:
        settled(again, settings)
        again.until(lambda: all(mask_bytes(settings, frame_idx) for frame_idx in range(12)))

        assert [mask_bytes(settings, frame_idx) for frame_idx in range(12)] == masks
    shutil.rmtree(settings.outputs_dir)
