"""Limits of open videos and of disk space, as options set them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sam2_session.core.errors import StorageFailed
from sam2_session.options import GIB
from tests.annotating import Annotator, annotating, make_moving_clip, settings_of


def test_one_open_video_too_many_is_refused_until_somebody_closes_theirs(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, max_open_videos=1)
    settings.videos_dir.mkdir(parents=True)
    make_moving_clip(settings.videos_dir / "other.mp4", 3)
    with annotating(settings) as ada:
        bob = Annotator(ada.services, "bob")
        assert ada.send("open_video", video_id="clip")["status"] == "applied"

        refused = bob.send("open_video", video_id="other")

        assert refused["error"]["code"] == "server_busy"
        assert "1 videos are open" in refused["error"]["message"]
        assert ada.call("server_status")["viewed_videos"] == 1
        assert bob.send("open_video", video_id="clip")["status"] == "applied"
        ada.call("client_left", sid="sid-ada")
        assert bob.send("open_video", video_id="other")["status"] == "applied"


def test_nothing_large_begins_below_the_space_to_be_left_free(tmp_path: Path) -> None:
    wanted = shutil.disk_usage(tmp_path).free + GIB
    with annotating(settings_of(tmp_path, min_free_bytes=wanted)) as ada:
        with pytest.raises(StorageFailed, match="nearly full"):
            ada.call("start_upload", name="a.mp4")
        ada.call("extract_video", video_id="clip")
        ada.until(lambda: ada.call("get_video", video_id="clip")["state"] == "failed")

        assert ada.call("get_video", video_id="clip")["error"]["code"] == "storage_failed"
        assert ada.call("server_status")["free_bytes_limit"] == wanted
