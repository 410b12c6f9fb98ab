"""The disk fills up in the middle of an export: it fails by name, and nothing of it is offered."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.png import encode_gray8
from sam2_session.formats.registry import EXPORTERS
from sam2_session.settings import Settings
from sam2_session.storage import extraction
from tests.annotating import BODY, Annotator, annotating, settings_of
from tests.formats.archives import square
from tests.journeys.test_disk_full import fill, on_small_disk

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}

FREED = 16 * 1024  # bytes

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Annotator, Settings]]:
    """A clicked frame and eleven painted ones, on a disk of a few megabytes."""
    settings = settings_of(tmp_path_factory.mktemp("small"), min_free_bytes=0)
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        for at in range(1, 12):
            ada.call("set_mask", frame_idx=at, mask=encode_gray8(square(at, (96, 160))), **KEY)
    with on_small_disk(settings), annotating(settings) as ada:
        ada.open()
        yield ada, settings


def exported(ada: Annotator, name: str) -> dict[str, Any]:
    """The job of an export, once it is over."""
    job_id = ada.call("start_export", video_id="clip", format=name)["job_id"]
    over = ("done", "failed", "cancelled")
    ada.until(lambda: ada.call("get_job", job_id=job_id)["state"] in over)
    job: dict[str, Any] = ada.call("get_job", job_id=job_id)
    return job


def file_of(ada: Annotator, job: dict[str, Any]) -> Path:
    found = ada.call("find_export", video_id="clip", export_id=job["job_id"])
    return Path(found["path"])


@pytest.mark.parametrize("leave_kib", [4, 12, 40])
@pytest.mark.parametrize("name", EXPORTERS)
def test_an_export_fails_by_name_leaves_nothing_and_the_next_one_works(
    small_disk: tuple[Annotator, Settings],
    name: str,
    leave_kib: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ada, settings = small_disk
    monkeypatch.setattr(extraction, "RESERVE_BYTES", 0)  # else it is refused before it begins
    ballast = fill(settings.outputs_dir, leave_kib * 1024)
    before = ada.call("list_exports", video_id="clip")
    job = exported(ada, name)
    after = ada.call("list_exports", video_id="clip")
    ballast.unlink()

    # the database may give back a little meanwhile, so that a small export fits
    assert job["state"] == "failed" or leave_kib > 4 or file_of(ada, job).stat().st_size < FREED
    assert job["state"] == "done" or job["error"]["code"] == "storage_failed", job
    assert job["state"] == "done" or (job["error"]["message"], after) == (full(job), before)
    assert not list((settings.outputs_dir / "clip/exports/.staging").iterdir())
    path = file_of(ada, exported(ada, name))
    assert path.suffix != ".zip" or zipfile.ZipFile(path).testzip() is None


def full(job: dict[str, Any]) -> str:
    message: str = job["error"]["message"]
    assert message.startswith(("The disk is full:", "The disk is nearly full")), message
    return message
