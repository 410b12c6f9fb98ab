"""``videos``, ``extract`` and ``jobs``, on the folders and with a server."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from sam2_session import Client
from sam2_session.cli.__main__ import main
from sam2_session.settings import Settings
from tests.annotating import BODY, make_moving_clip, settings_of
from tests.browser.pool import ServerPool
from tests.cli.test_run import environ_of
from tests.networks import built_once


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "cli")


def run(settings: Settings, *words: str) -> int:
    with built_once():
        return main(words, environ_of(settings))


def test_a_video_is_added_listed_and_deleted(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")

    assert run(settings, "videos") == 0
    assert capsys.readouterr().out == "There is no video.\n"
    assert run(settings, "videos", "add", str(clip)) == 0
    assert run(settings, "extract", "clip") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[1]
    assert lines[0].split() == ["clip", "ready", "160x96,", "12", "frames,", "0", "masks"]
    assert run(settings, "videos", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["videos"]
    assert row["bytes"] == clip.stat().st_size
    assert run(settings, "videos", "compact", "clip") == 0
    assert capsys.readouterr().out == "clip: 0 B freed\n"
    assert run(settings, "videos", "delete", "clip") == 0
    assert run(settings, "extract", "clip") == 1
    assert run(settings, "jobs") == 0
    said = capsys.readouterr()
    assert said.out.startswith("deleted clip; `trash` brings it back\nmodel-sam2.1_hiera_demo  ")
    assert "No video 'clip'" in said.err


def test_a_folder_of_pictures_is_one_video_however_often_it_is_added(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pictures").mkdir()
    for number in range(3):
        picture = np.full((48, 64, 3), 40 * number, np.uint8)
        cv2.imwrite(str(tmp_path / "pictures" / f"{number:03}.png"), picture)

    for _ in range(2):
        assert run(settings, "extract", str(tmp_path / "pictures"), "--json", "--quiet") == 0
        row = json.loads(capsys.readouterr().out)
        assert (row["video_id"], row["num_frames"]) == ("pictures", 3)


def test_jobs_of_a_server_are_waited_for_and_cancelled(
    server_pool: ServerPool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4", 40)
    with server_pool.lend() as server, Client(server.url) as client:
        video = client.video(clip)
        video.instance(1)["shaft"].click(*BODY, frame=0)
        job_id = video.propagate().job_id
        over = ("--url", server.url)

        assert main(("jobs", "cancel", job_id, *over), {}) == 0
        assert main(("jobs", "wait", job_id, *over), {}) == 1
        assert "cancelled" in capsys.readouterr().err
        job_id = video.propagate().job_id
        assert main(("jobs", "wait", job_id, "--json", "--quiet", *over), {}) == 0
        assert json.loads(capsys.readouterr().out)["state"] == "done"
        assert main(("jobs", *over), {}) == 0
        assert "propagate clip done, 40 of 40" in capsys.readouterr().out


def test_a_job_has_to_be_named(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(settings, "jobs", "wait") == 1
    assert "Name the job" in capsys.readouterr().err


def test_the_server_may_be_named_in_the_environment(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = environ_of(settings) | {"SAM2_SESSION_URL": "http://127.0.0.1:9"}

    assert main(("videos",), environ) == 1
    assert "http://127.0.0.1:9 cannot be reached" in capsys.readouterr().err
