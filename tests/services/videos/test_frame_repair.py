"""A frame's file that is gone or another is made anew from the video, and never served or used."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import StorageFailed
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.uploads import UploadStore
from sam2_session.storage.video_record import Segment
from sam2_session.storage.workspace import Workspace
from tests.clips import frame_rgb_hwc, make_clip
from tests.video_steps import Starter, open_until_ready


def encoded(width: int, height: int, suffix: str = ".jpg") -> bytes:
    return cv2.imencode(suffix, np.full((height, width, 3), 90, np.uint8))[1].tobytes()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"\xff\xd8" + os.urandom(500) + b"\xff\xd9"),
    "of another size": lambda path: path.write_bytes(encoded(200, 100)),
    "a PNG": lambda path: path.write_bytes(encoded(96, 64, ".png")),
}


def make_zip(path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number in range(12):
            picture = cv2.imencode(".png", frame_rgb_hwc(number, 96, 64))[1]
            archive.writestr(f"{number + 1:03d}.png", picture.tobytes())
    path.write_bytes(data.getvalue())


def frames_of(service: VideoService, video_id: str) -> list[bytes]:
    return [service.frames.read(video_id, idx) for idx in range(service.info(video_id).extracted)]


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.zip"])
def test_any_damage_of_a_frame_is_mended(workspace: Workspace, start: Starter, name: str) -> None:
    path = workspace.videos_dir / name
    make_zip(path) if name == "a.zip" else make_clip(path, b_frames=0 if name == "a.avi" else 2)
    service = start()
    open_until_ready(service, "a")
    whole = frames_of(service, "a")
    for frame_idx, damage in enumerate(DAMAGE.values(), start=4):
        damage(workspace.frame_path("a", frame_idx))

    assert service.frames.path("a", 5).read_bytes() == whole[5]
    assert service.frames.read("a", 6, 48)
    assert frames_of(service, "a") == whole
    assert not list(workspace.frames_dir("a").glob(".again-*"))


def test_a_frame_of_a_segment_is_mended(workspace: Workspace, start: Starter) -> None:
    make_clip(workspace.videos_dir / "a.mp4", b_frames=2)
    service = start()
    open_until_ready(service, "a")
    [video_id] = service.add_segments([Segment("a", 4, 9)])
    open_until_ready(service, video_id)
    whole = frames_of(service, video_id)

    workspace.frame_path(video_id, 3).unlink()

    assert frames_of(service, video_id) == whole


def test_a_frame_that_cannot_be_mended_says_why(workspace: Workspace, start: Starter) -> None:
    clip = make_clip(workspace.videos_dir / "a.mp4")
    service = start()
    open_until_ready(service, "a")
    clip.unlink()
    service.list()
    workspace.frame_path("a", 3).unlink()

    with pytest.raises(StorageFailed, match="frame 3 is gone or damaged"):
        service.frames.read("a", 3)
    assert service.frames.read("a", 4)


def test_leftovers_of_cut_uploads_go(workspace: Workspace) -> None:
    store = UploadStore(workspace)
    old, new = store.start("old.mp4", 1000), store.start("new.mp4", 1000)
    notes = old.path.with_suffix(".json")
    for path in (old.path, notes):
        os.utime(path, (time.time() - 3700, time.time() - 3700))

    store.sweep()

    assert not old.path.exists()
    assert not notes.exists()
    assert store.find(new.upload_id) == new
