from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import (
    ExportNotFound,
    InvalidRequest,
    JobNotFound,
    RegionNotFound,
    VideoNotReady,
)
from sam2_session.core.png import encode_gray8
from sam2_session.services.jobs.background import BackgroundJob
from sam2_session.settings import Settings
from tests.annotating import (
    BODY,
    Annotator,
    annotating,
    device_held,
    mask_bytes,
    settings_of,
)


def export(ada: Annotator, name: str = "masks_zip", **options: Any) -> dict[str, Any]:
    """Ask, wait, and answer its row of the list."""
    job_id = ada.call("start_export", video_id="clip", format=name, options=options)["job_id"]
    ended = ("done", "failed", "cancelled")
    ada.until(lambda: ada.call("get_job", job_id=job_id)["state"] in ended)
    assert ada.call("get_job", job_id=job_id)["error"] is None
    return row_of(ada, job_id)


def row_of(ada: Annotator, export_id: str) -> dict[str, Any]:
    rows = ada.call("list_exports", video_id="clip")["exports"]
    return next(row for row in rows if row["export_id"] == export_id)


def opened(ada: Annotator, row: dict[str, Any]) -> zipfile.ZipFile:
    found = ada.call("find_export", video_id="clip", export_id=row["export_id"])
    return zipfile.ZipFile(found["path"])


def put_mask(ada: Annotator, frame_idx: int, region: str = "overall") -> None:
    mask = np.zeros((96, 160), np.bool_)
    mask[20:40, 30 : 50 + frame_idx] = True
    key = {"video_id": "clip", "instance_id": 1, "region": region}
    ada.call("set_mask", frame_idx=frame_idx, mask=encode_gray8(mask), **key)


@pytest.fixture(scope="module")
def clicked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Annotator, Settings]]:
    """A body clicked on frame 0 and carried to the end, a shaft painted on two frames."""
    settings = settings_of(tmp_path_factory.mktemp("exports"))
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.propagate()
        for frame_idx in (2, 5):
            put_mask(ada, frame_idx, "shaft")
        yield ada, settings


def test_an_export_holds_the_masks_as_they_lie_on_disk(clicked: Any) -> None:
    ada, settings = clicked
    row = export(ada)

    with opened(ada, row) as file:
        names = [name for name in file.namelist() if name.endswith(".png")]
        assert file.read("instance1/masks_overall/00004.png") == mask_bytes(settings, 3)
    assert len(names) == 12 + 2
    assert row["counts"] == {"masks": 14}


def test_its_row_names_size_hash_and_places(clicked: Any) -> None:
    ada, settings = clicked
    row = export(ada, "davis")
    path = settings.outputs_dir / "clip/exports" / row["export_id"] / row["file"]

    assert row["file"] == "clip-davis.zip"
    assert row["bytes"] == path.stat().st_size
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "clip-davis.zip", "export.json", "manifest.json",
    ]  # fmt: skip


def test_the_manifest_tells_source_run_and_model(clicked: Any) -> None:
    ada, _ = clicked
    with opened(ada, export(ada)) as file:
        manifest = json.loads(file.read("manifest.json"))

    first, second = manifest["masks"][0], manifest["masks"][1]
    assert (first["source"], first["run"]) == ("human", None)
    assert (second["source"], second["run"], second["stale"]) == ("propagated", 1, False)
    assert manifest["model"]["name"] == "sam2.1_hiera_demo"
    assert manifest["video"]["sha256"]
    assert manifest["selection"]["end"] == 11


def test_pairs_and_frames_can_be_chosen(clicked: Any) -> None:
    ada, _ = clicked
    shaft = [{"instance_id": 1, "region": "shaft"}]
    with opened(ada, export(ada, pairs=shaft, start=3, end=8)) as file:
        assert file.namelist() == ["instance1/masks_shaft/00006.png", "manifest.json"]


def test_only_approved_masks_can_be_chosen(clicked: Any) -> None:
    ada, _ = clicked
    key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
    ada.call("approve", frames=[[4, 6]], approved=True, **key)

    row = export(ada, approved_only=True, base=0)
    ada.call("approve", frames=[[4, 6]], approved=False, **key)

    with opened(ada, row) as file:
        numbers = [Path(name).stem for name in file.namelist()[:-1]]
    assert numbers == ["00004", "00005", "00006"]


def test_a_soft_edge_comes_from_the_logits_of_clicks_and_runs(clicked: Any) -> None:
    ada, settings = clicked
    row = export(ada, "cut_out", end=4)
    with opened(ada, row) as file:
        data = np.frombuffer(file.read("frame_000001_cutout.png"), np.uint8)
    alpha = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)[..., 3]

    assert np.unique(alpha).size > 20
    mask = cv2.imdecode(np.frombuffer(mask_bytes(settings, 1), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.array_equal(alpha >= 128, mask > 0)
    logits = [count for text, count in row["remarks"].items() if "the model's logits" in text]
    assert logits == [5]  # and the painted shaft is blurred


@pytest.mark.parametrize("name", ["overlay_mp4", "coco", "label_studio_boxes", "tables"])
def test_other_formats_work_on_a_real_video(clicked: Any, name: str) -> None:
    ada, _ = clicked
    row = export(ada, name, end=3)

    assert row["bytes"] > 500
    assert row["frames"] == {"start": 0, "end": 3, "count": 4}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": "gif"}, InvalidRequest),
        ({"format": None}, InvalidRequest),
        ({"options": None}, None),
        ({"options": []}, InvalidRequest),
        ({"options": ""}, InvalidRequest),
        ({"options": ["x"]}, InvalidRequest),
        ({"options": {"digits": 7}}, InvalidRequest),
        ({"options": {"end": 12}}, InvalidRequest),
        ({"options": {"start": 5, "end": 4}}, InvalidRequest),
        ({"options": {"approved_only": "yes"}}, InvalidRequest),
        ({"options": {"stale": "maybe"}}, InvalidRequest),
        ({"options": {"pairs": "some"}}, InvalidRequest),
        ({"options": {"pairs": [{"instance_id": 1, "region": "../x"}]}}, RegionNotFound),
    ],
)
def test_what_cannot_be_exported_is_refused_at_once(clicked: Any, change: Any, error: Any) -> None:
    ada, _ = clicked
    order = {"format": "masks_zip", "options": {}, **change}
    if error is None:
        assert ada.call("start_export", video_id="clip", **order)["job_id"]
        return

    with pytest.raises(error):
        ada.call("start_export", video_id="clip", **order)


@pytest.mark.parametrize("export_id", ["x", "../../clip", "masks_zip-20260101-000000-00000000"])
def test_an_unknown_export_is_not_found(clicked: Any, export_id: Any) -> None:
    ada, _ = clicked
    for operation in ("find_export", "delete_export"):
        with pytest.raises(ExportNotFound):
            ada.call(operation, video_id="clip", export_id=export_id)


def test_a_deleted_export_is_gone_from_disk(clicked: Any) -> None:
    ada, settings = clicked
    row = export(ada, "npy", end=1)
    ada.call("delete_export", video_id="clip", export_id=row["export_id"])

    assert not (settings.outputs_dir / "clip/exports" / row["export_id"]).exists()
    with pytest.raises(ExportNotFound):
        ada.call("find_export", video_id="clip", export_id=row["export_id"])


def test_a_mask_that_goes_meanwhile_is_left_out_and_told(clicked: Any) -> None:
    ada, _ = clicked
    release = _held(ada)
    job_id = ada.call("start_export", video_id="clip", format="masks_zip")["job_id"]
    ada.call("delete_mask", video_id="clip", instance_id=1, region="shaft", frame_idx=5)
    release()
    ada.until(lambda: ada.call("get_job", job_id=job_id)["state"] == "done")
    row = row_of(ada, job_id)
    put_mask(ada, 5, "shaft")

    assert row["counts"]["masks"] == 13


def test_an_export_goes_on_while_the_device_is_busy(clicked: Any) -> None:
    ada, _ = clicked
    with device_held(ada):
        assert export(ada, end=2)["counts"] == {"masks": 4}


def test_a_cancelled_export_leaves_nothing(clicked: Any) -> None:
    ada, settings = clicked
    before = len(ada.call("list_exports", video_id="clip")["exports"])
    release = _held(ada)
    job_id = ada.call("start_export", video_id="clip", format="overlay_mp4")["job_id"]
    ada.call("cancel", job_id=job_id)
    release()
    ada.until(lambda: ada.call("get_job", job_id=job_id)["state"] == "cancelled")

    assert len(ada.call("list_exports", video_id="clip")["exports"]) == before
    assert not list((settings.outputs_dir / "clip/exports/.staging").iterdir())


def test_exports_are_jobs_like_others(clicked: Any) -> None:
    ada, _ = clicked
    row = export(ada, end=5)

    def ended() -> list[dict[str, Any]]:
        return [one for one in ada.of("job_ended") if one["job_id"] == row["export_id"]]

    ada.until(ended)
    (job,) = ended()
    assert (job["kind"], job["state"], job["done"], job["total"]) == ("export", "done", 6, 6)
    listed = [one["job_id"] for one in ada.call("list_jobs")["jobs"]]
    assert row["export_id"] in listed


def test_what_a_stop_left_unfinished_is_cleared_and_told(settings: Settings) -> None:
    with annotating(settings) as ada:
        ada.open()
        put_mask(ada, 0)
        release = _held(ada)
        job_id = ada.call("start_export", video_id="clip", format="masks_zip")["job_id"]
        staging = settings.outputs_dir / "clip/exports/.staging"
        shutil.copytree(staging, settings.outputs_dir / "copy")  # as a kill leaves it
        release()
        ada.until(lambda: ada.call("get_job", job_id=job_id)["state"] == "done")
    shutil.rmtree(settings.outputs_dir / "clip/exports")
    (settings.outputs_dir / "copy").rename(_parent(staging))

    with annotating(settings) as ada:
        job = ada.call("get_job", job_id=job_id)
        assert (job["state"], job["error"]["hint"]) == ("failed", "Ask for it again.")
        assert ada.call("list_exports", video_id="clip") == {"exports": []}
    assert not staging.exists()


def test_a_video_that_is_still_extracted_has_to_wait(settings: Settings) -> None:
    with annotating(settings) as ada:
        with pytest.raises(VideoNotReady, match="still being extracted"):
            ada.call("start_export", video_id="clip", format="masks_zip")
        ada.until(lambda: ada.call("get_video", video_id="clip")["state"] == "ready")
        with pytest.raises(JobNotFound):
            ada.call("get_job", job_id="masks_zip-20260101-000000-00000000")


def _parent(staging: Path) -> Path:
    staging.parent.mkdir()
    return staging


def _held(ada: Annotator) -> Any:
    """The runner waits until it is let go."""
    go = threading.Event()

    def work(_: BackgroundJob) -> Any:
        go.wait(30)
        yield None

    ada.services._background.submit(BackgroundJob(secrets.token_hex(4), "export", "other", 1, work))
    return go.set


def test_absent_frames_are_counted(ada: Annotator) -> None:
    put_mask(ada, 0)
    key = {"video_id": "clip", "instance_id": 1, "region": "overall"}
    ada.call("mark_absent", **key, frames=[[1, 2]], absent=True)

    row = export(ada)

    assert (row["counts"]["masks"], row["counts"]["absent"]) == (3, 2)
    manifest = json.loads(opened(ada, row).read("manifest.json"))
    assert [mask.get("absent", False) for mask in manifest["masks"]] == [False, True, True]
