"""A full disk: refused by name or saved, never half; and all is well again once there is space."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating, mask_bytes, settings_of
from tests.journeys import disk

SIZE = "size=16m"
KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")


@contextmanager
def on_small_disk(settings: Settings) -> Iterator[None]:
    """Move the outputs to a disk with little room; skips where none can be mounted."""
    outputs = settings.outputs_dir
    ready = outputs.rename(outputs.with_name("ready"))
    outputs.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", str(outputs)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        shutil.copytree(ready, outputs, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", str(outputs)], check=True)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """A video that is ready, on a disk too small to extract it: extraction keeps a reserve."""
    settings = settings_of(tmp_path)
    with annotating(settings) as made:
        made.open()
    with on_small_disk(settings):
        yield settings


def fill(folder: Path, leave_bytes: int = 0) -> Path:
    """Fill the disk up to the bytes to be left free, or wholly where less is free already."""
    ballast = folder / ".ballast"
    with ballast.open("wb", buffering=0) as file:
        space = os.statvfs(folder)
        left = space.f_bavail * space.f_frsize - leave_bytes
        with suppress(OSError):  # the server wrote meanwhile: the disk is as full as it gets
            while left > 0:
                left -= file.write(b"x" * min(left, 1 << 16))
    return ballast


def click(ada: Annotator, frame_idx: int, x: float = 30.0) -> dict[str, object]:
    """A click whose mask may not come."""
    place = {"x": x, "y": 30.0, "label": 1}
    ack: dict[str, object] = ada.send("add_point", key=KEY, frame_idx=frame_idx, **place)
    return ack


@pytest.mark.parametrize("leave_kib", [0, 8, 24, 64, 160])
def test_clicks_are_refused_by_name_or_kept(
    ada: Annotator, settings: Settings, leave_kib: int
) -> None:
    ada.click(0, *BODY)
    ballast = fill(settings.outputs_dir, leave_kib * 1024)
    acks = [click(ada, frame_idx, 20.0 + frame_idx) for frame_idx in range(12) for _ in range(2)]
    acks.append(ada.send("clear_frame", key=KEY, frame_idx=0))
    acks.append(ada.send("undo", key=KEY, frame_idx=0))

    ballast.unlink()

    assert click(ada, 1)["status"] == "applied"
    disk.until_whole(settings.outputs_dir / "clip")
    refused = {ack["error"]["code"] for ack in acks if ack["status"] == "rejected"}
    assert refused <= {"storage_failed", "nothing_to_do"}
    kept = [ack["seq"] for ack in acks if ack["status"] == "applied"]
    stored = disk.ops_of(settings.outputs_dir / "clip", "ada")
    assert [seq for seq in stored if seq in kept] == kept
    assert len(stored) == len(kept) + 2


@pytest.mark.parametrize("leave_kib", [0, 20, 160])  # its track log alone takes 200
def test_a_run_fails_by_name_and_goes_on_later(
    ada: Annotator, settings: Settings, leave_kib: int
) -> None:
    ada.click(0, *BODY)
    ballast = fill(settings.outputs_dir, leave_kib * 1024)
    ack = ada.send("propagate", video_id="clip", pairs="all")
    if ack["status"] == "applied":
        job = ada.job_ended(ack["job_id"])
        assert (job["state"], job["error"]["code"]) == ("failed", "storage_failed")
    else:
        assert ack["error"]["code"] == "storage_failed"

    ballast.unlink()

    assert ada.propagate()["state"] == "done"
    disk.until_whole(settings.outputs_dir / "clip")
    found = [mask_bytes(settings, idx) for idx in range(12)]
    ada.propagate(force=True)
    assert found == [mask_bytes(settings, idx) for idx in range(12)]
