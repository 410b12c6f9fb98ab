"""Deleted things are listed with person, time and size; they come back whole, or go for good."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import Conflict, InstanceNotFound, NotFound
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, annotating, mask_bytes, settings_of

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
ANNA = {"client_id": "ada", "client_name": "Anna"}
HOUR_S = 3600.0


def items(ada: Annotator) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = ada.call("list_trash")["items"]
    return listed


def only(ada: Annotator) -> dict[str, Any]:
    (item,) = items(ada)
    return item


def restore(ada: Annotator) -> dict[str, Any]:
    answer: dict[str, Any] = ada.call("restore_trashed", trash_id=only(ada)["trash_id"], **ANNA)
    return answer


def in_trash(settings: Settings) -> list[str]:
    folder = settings.outputs_dir / ".trash"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def age(settings: Settings, trash_id: str, seconds: float) -> None:
    """Make an item older than it is."""
    path = settings.outputs_dir / ".trash" / trash_id / "trash.json"
    record = json.loads(path.read_bytes())
    record["kept_from"] -= seconds
    path.write_text(json.dumps(record))


def test_a_deleted_instance_comes_back_with_its_masks(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    before, mask = ada.call("list_instances", video_id="clip"), mask_bytes(settings, 0)
    ada.call("delete_instance", video_id="clip", instance_id=1, **ANNA)
    item = only(ada)

    assert (item["kind"], item["name"], item["video_id"]) == ("instance", "1 · tool", "clip")
    assert (item["client"], item["client_id"]) == ("Anna", "ada")
    assert item["bytes"] >= len(mask)
    assert abs(item["deleted_at"] - time.time()) < HOUR_S
    assert restore(ada)["instance"]["instance_id"] == 1
    assert ada.call("list_instances", video_id="clip") == before
    assert mask_bytes(settings, 0) == mask
    assert (items(ada), in_trash(settings)) == ([], [])


def test_everybody_hears_of_it_and_reads_the_video_again(ada: Annotator) -> None:
    ada.call("delete_instance", video_id="clip", instance_id=1, **ANNA)
    restore(ada)

    told = [(data["action"], data["by"]["name"]) for data in ada.of("trash_changed")]
    assert told == [("deleted", "Anna"), ("restored", "Anna")]
    assert ada.of("resync") == [{"video_id": "clip"}]


def test_an_instance_restored_the_old_way_leaves_the_trash(ada: Annotator) -> None:
    ada.call("delete_instance", video_id="clip", instance_id=1)
    ada.call("update_instance", video_id="clip", instance_id=1, deleted=False)

    assert items(ada) == []


def test_an_instance_removed_for_good_never_comes_back(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ada.call("delete_instance", video_id="clip", instance_id=1)
    answer = ada.call("delete_trashed", trash_id=only(ada)["trash_id"])

    assert (answer["deleted"], answer["bytes"] > 0) == (1, True)
    with pytest.raises(InstanceNotFound):
        ada.call("update_instance", video_id="clip", instance_id=1, deleted=False)
    assert list((settings.outputs_dir / "clip").glob("*instance1")) == []
    assert ada.call("create_instance", video_id="clip")["instance_id"] == 2


def test_dropped_masks_come_back_from_the_trash(ada: Annotator) -> None:
    ada.send("open_video", video_id="clip", name="Anna")
    ada.click(0, *BODY)
    ada.propagate()
    before = ada.call("list_masks", **KEY)
    ack = ada.send("drop_masks", key=KEY)
    item = only(ada)

    assert (item["kind"], item["name"]) == ("masks", "11 masks of 1 overall")
    assert (item["trash_id"], item["client"]) == (ack["trash_id"], "Anna")
    assert restore(ada)["restored"] == 11
    assert ada.call("list_masks", **KEY) == before
    assert items(ada) == []


def test_masks_with_newer_ones_in_their_place_stay_in_the_trash(ada: Annotator) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    ada.send("drop_masks", key=KEY)
    ada.click(5, *BODY)
    assert restore(ada)["restored"] == 10

    assert only(ada)["name"] == "1 mask of 1 overall"
    with pytest.raises(Conflict, match="Newer masks"):
        restore(ada)


def test_a_deleted_region_comes_back_under_its_label(ada: Annotator) -> None:
    ada.call("add_region", label="Left jaw")
    deleted = ada.call("delete_region", region="left_jaw", **ANNA)
    item = only(ada)
    assert (item["kind"], item["name"], item["trash_id"]) == (
        "region", "Left jaw", deleted["trash_id"],
    )  # fmt: skip
    restore(ada)

    regions = ada.call("list_regions")["regions"]
    assert regions[-1] == {"name": "left_jaw", "label": "Left jaw"}
    ada.call("delete_region", region="left_jaw")
    ada.call("empty_trash")
    assert ada.call("add_region", label="left jaw")["label"] == "left jaw"
    assert items(ada) == []


def exported(ada: Annotator) -> dict[str, Any]:
    job = ada.call("start_export", video_id="clip", format="coco")
    ada.until(lambda: ada.call("get_job", job_id=job["job_id"])["state"] == "done")
    (record,) = ada.call("list_exports", video_id="clip")["exports"]
    found: dict[str, Any] = record
    return found


def test_a_deleted_export_comes_back_whole(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    record = exported(ada)
    ada.call("delete_export", video_id="clip", export_id=record["export_id"], **ANNA)
    item = only(ada)

    assert (item["kind"], item["name"]) == ("export", record["label"])
    assert item["bytes"] >= record["bytes"]
    assert ada.call("list_exports", video_id="clip")["exports"] == []
    restore(ada)
    assert ada.call("list_exports", video_id="clip")["exports"] == [record]
    assert (items(ada), in_trash(settings)) == ([], [])


def test_a_deleted_video_takes_what_was_deleted_of_it_along(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    ada.send("drop_masks", key=KEY)
    ada.call("create_instance", video_id="clip")
    ada.call("delete_instance", video_id="clip", instance_id=2)
    kinds = [item["kind"] for item in items(ada)]
    ada.call("delete_video", video_id="clip", **ANNA)
    video = only(ada)

    assert sorted(kinds) == ["instance", "masks"]
    assert (video["kind"], video["name"], video["client"]) == ("video", "clip.mp4", "Anna")
    assert restore(ada)["video"]["video_id"] == "clip"
    assert sorted(item["kind"] for item in items(ada)) == ["instance", "masks"]
    masks = next(item for item in items(ada) if item["kind"] == "masks")
    assert ada.call("restore_trashed", trash_id=masks["trash_id"])["restored"] == 11


def test_the_jobs_of_a_deleted_video_go_and_come_back_with_it(ada: Annotator) -> None:
    ada.click(0, *BODY)
    run = ada.propagate()["job_id"]
    export = ada.call("start_export", video_id="clip", format="coco")["job_id"]
    ada.job_ended(export)
    ada.call("delete_video", video_id="clip", **ANNA)
    left = {job["video_id"] for job in ada.call("list_jobs")["jobs"]}
    restore(ada)

    back = {job["job_id"]: job["state"] for job in ada.open("clip")["jobs"]}

    assert "clip" not in left
    assert back == {run: "done", export: "done"}


def test_a_video_of_pictures_comes_back_with_its_folder(ada: Annotator, settings: Settings) -> None:
    frames = settings.outputs_dir / "clip" / "frames"
    shots = settings.videos_dir / "shots"
    shots.mkdir()
    for number in (1, 2):
        name = f"{number:05d}.jpg"
        (shots / name).write_bytes((frames / name).read_bytes())
    ada.call("list_videos")
    ada.call("delete_video", video_id="shots")
    gone = shots.exists()
    restore(ada)

    assert (gone, sorted(path.name for path in shots.iterdir())) == (
        False, ["00001.jpg", "00002.jpg"],
    )  # fmt: skip
    assert (items(ada), in_trash(settings)) == ([], [])


def test_the_trash_is_emptied_for_good(ada: Annotator, settings: Settings) -> None:
    ada.call("create_instance", video_id="clip")
    ada.call("delete_instance", video_id="clip", instance_id=2)
    ada.click(0, *BODY)
    ada.propagate()
    ada.send("drop_masks", key=KEY)
    size = ada.call("list_trash")["bytes"]
    answer = ada.call("empty_trash", **ANNA)

    assert answer == {"deleted": 2, "bytes": size, "kept": 0}
    assert (items(ada), in_trash(settings)) == ([], [])
    assert ada.of("trash_changed")[-1]["action"] == "emptied"


def test_what_older_versions_deleted_is_listed_too(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    drop = ada.send("drop_masks", key=KEY)["trash_id"]
    ada.call("delete_instance", video_id="clip", instance_id=1)
    trash = settings.outputs_dir / ".trash"
    stray = trash / "clip-0000abcd"
    stray.mkdir()
    (stray / "00009.png").write_bytes(b"x")
    for folder in trash.iterdir():
        (folder / "trash.json").unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
    found = {item["kind"]: item for item in items(ada)}

    assert set(found) == {"masks", "instance", "files"}
    assert found["masks"]["trash_id"] == drop
    assert (found["instance"]["name"], found["instance"]["client"]) == ("instance 1", None)
    assert found["files"]["restorable"] is False
    with pytest.raises(Conflict, match="belonged to nothing"):
        ada.call("restore_trashed", trash_id="clip-0000abcd")
    instance = found["instance"]["trash_id"]
    assert ada.call("restore_trashed", trash_id=instance)["instance"]["instance_id"] == 1
    assert ada.call("restore_trashed", trash_id=drop)["restored"] == 11


def test_things_go_when_they_are_old(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, trash_days=2)
    with annotating(settings) as ada:
        ada.open()
        for _ in range(2):
            number = ada.call("create_instance", video_id="clip")["instance_id"]
            ada.call("delete_instance", video_id="clip", instance_id=number)
        old = items(ada)[-1]
        age(settings, old["trash_id"], 2 * 24 * HOUR_S + 1)
        ada.services._trash.sweep()

        (dropped,) = ada.call("list_trash")["dropped"]
        assert (dropped["name"], dropped["why"]) == (old["name"], "older than 2 days")
        assert old["trash_id"] not in [item["trash_id"] for item in items(ada)]
        assert len(items(ada)) == 1
        assert ada.of("trash_changed")[-1]["action"] == "dropped"


def test_the_oldest_go_when_there_is_too_much_but_never_the_newest(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, trash_bytes=1)
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.click(0, *DISC, region="shaft")
        ada.propagate()
        dropped = [
            ada.send("drop_masks", key={**KEY, "region": region})["trash_id"]
            for region in ("overall", "shaft")
        ]
        ada.services._trash.sweep()
        assert len(items(ada)) == 2, "deleted just now"
        age(settings, dropped[0], 2 * HOUR_S)
        ada.services._trash.sweep()

        assert [item["trash_id"] for item in items(ada)] == dropped[1:]
        assert ada.call("list_trash")["dropped"][0]["why"] == "the trash was full"


@pytest.mark.parametrize("trash_id", ["clip-00000000", "..", "../clip", ".", "x/y"])
def test_what_is_not_there_is_not_found(ada: Annotator, trash_id: str) -> None:
    for operation in ("restore_trashed", "delete_trashed"):
        with pytest.raises(NotFound):
            ada.call(operation, trash_id=trash_id)


def test_a_record_that_cannot_be_read_hides_nothing(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ada.propagate()
    drop = ada.send("drop_masks", key=KEY)["trash_id"]
    path = settings.outputs_dir / ".trash" / drop / "trash.json"
    path.write_text("{")
    os.utime(path.parent)

    assert only(ada)["kind"] == "masks"
    assert restore(ada)["restored"] == 11
