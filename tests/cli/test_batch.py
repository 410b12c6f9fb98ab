"""``batch``: many videos with a prompts file beside each, in one command that can be stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from sam2_session import Client
from sam2_session.cli.__main__ import main
from sam2_session.cli.batch_lines import VIDEO_FAILED
from sam2_session.cli.video_folder import read_folder
from sam2_session.core.errors import InvalidRequest
from sam2_session.settings import Settings
from tests.annotating import BODY, make_moving_clip, settings_of
from tests.browser.pool import ServerPool
from tests.browser.server import LiveServer
from tests.cli.test_run import environ_of
from tests.import_graph import ROOT
from tests.networks import built_once

FRAMES = 240  # of a video that is not done before a busy machine reads one line and interrupts it


def clicks_file(path: Path, frame_idx: int = 0) -> None:
    x, y = BODY
    point = {"frame_index": frame_idx, "x": x, "y": y, "label": 1}
    path.write_text(json.dumps({"prompts": [point]}))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "cli")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two clips with clicks, one whose file is broken, one without prompts."""
    folder = tmp_path / "footage"
    folder.mkdir()
    for number in (10, 9):
        make_moving_clip(folder / f"part_{number}.mp4", number)
    clicks_file(folder / "part_9.json")
    clicks_file(folder / "part_10.mp4.json", frame_idx=2)
    (folder / "part_11.mp4").write_bytes(b"no video")
    make_moving_clip(folder / "part_12.mp4", 3)
    return folder


def batch(settings: Settings, *words: str) -> int:
    with built_once():
        return main(("batch", *words), environ_of(settings))


def test_every_video_gets_a_line_and_a_failing_one_stops_none(
    settings: Settings, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "masks"
    words = (str(folder), "--out", str(out), "--quiet")

    assert batch(settings, *words) == VIDEO_FAILED

    lines = sorted(capsys.readouterr().out.splitlines())
    assert lines[0] == f"part_10.mp4: processed, 10 of 10 masks, 1 pair; {out}/part_10.zip"
    assert lines[1].startswith("part_11.mp4: failed: part_11.mp4 cannot be read as a video")
    assert lines[2].startswith("part_12.mp4: failed: It has no prompts. Put part_12.json beside")
    assert lines[3] == f"part_9.mp4: processed, 9 of 9 masks, 1 pair; {out}/part_9.zip"
    with zipfile.ZipFile(out / "part_10.zip") as file:
        assert sum(name.endswith(".png") for name in file.namelist()) == 10
    written = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}

    (folder / "part_11.mp4").unlink()
    clicks_file(folder / "part_12.json")
    assert batch(settings, *words, "--json") == 0

    document = json.loads(capsys.readouterr().out)
    assert [row["file"] for row in document["videos"]] == [
        "part_9.mp4", "part_10.mp4", "part_12.mp4",
    ]  # fmt: skip
    assert [row["state"] for row in document["videos"]] == ["processed"] * 3
    assert document["videos"][1]["pairs"] == [
        {"instance_id": 1, "region": "overall", "start": 0, "end": 9, "missing": []}
    ]
    after = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert written.items() <= after.items()  # whole files are not written again
    assert after.keys() - written.keys() == {"part_12.zip"}


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_done_and_the_next_call_goes_on(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "footage"
    folder.mkdir()
    for name, frames in (("a", 4), ("b", FRAMES)):
        make_moving_clip(folder / f"{name}.mp4", frames)
        clicks_file(folder / f"{name}.json")
    command = [sys.executable, "-m", "sam2_session", "batch", str(folder)]
    environ = {**os.environ, **environ_of(settings)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "a.mp4: processed, 4 of 4 masks, 1 pair\n"

    process.send_signal(signal.SIGINT)
    out, said = process.communicate()

    assert (process.returncode, out) == (130, "")
    assert "Kept: 1 videos are done" in said
    assert "Traceback" not in said
    assert batch(settings, str(folder), "--quiet") == 0
    assert sorted(capsys.readouterr().out.splitlines()) == [
        "a.mp4: processed, 4 of 4 masks, 1 pair",
        f"b.mp4: processed, {FRAMES} of {FRAMES} masks, 1 pair",
    ]


@pytest.fixture
def server(server_pool: ServerPool) -> Iterator[LiveServer]:
    with server_pool.lend() as server:
        yield server


def test_a_server_does_the_same_and_lists_the_batch_on_its_page(
    server: LiveServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("batch", str(folder), "--name", "Monday", "--url", server.url, "--quiet", "--json")
    (folder / "part_11.mp4").unlink()
    shutil.copy(folder / "part_9.json", folder / "part_12.json")

    assert main(words, {}) == 0
    first = json.loads(capsys.readouterr().out)
    with Client(server.url) as client:
        (monday,) = client.batches()
        assert (monday.name, monday.batch_id) == ("Monday", first["batch_id"])
        assert [item.state for item in monday.items] == ["processed"] * 3
        client.video("part_9").instance(1)["overall"].click(60, 40, frame=3)

    assert main(words, {}) == 0

    assert json.loads(capsys.readouterr().out) == first


def test_videos_and_their_files_are_found_by_name(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.json", "a.mp4.xml", "b.MKV", "b.zip", "c.json", "d.zip", ".e.mp4"):
        (tmp_path / name).touch()
    for name in ("c", "b"):
        (tmp_path / name).mkdir()
        cv2.imwrite(str(tmp_path / name / "1.png"), np.zeros((8, 8), np.uint8))

    found = {video.path.name: [file.name for file in video.prompts]
             for video in read_folder(tmp_path)}  # fmt: skip

    assert found == {"a.mp4": ["a.mp4.xml"], "b.MKV": ["b", "b.zip"], "c": ["c.json"], "d.zip": []}
    with pytest.raises(InvalidRequest, match=r"b and b\.zip"):
        read_folder(tmp_path)[1].prompts_file()
    with pytest.raises(InvalidRequest, match="holds no video"):
        read_folder(tmp_path / "c")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nothing",), "no folder 'nothing'"),
        ((".", "--from", "nothing.json"), "no file"),
        ((".", "--export", "gif"), "no format 'gif'"),
    ],
)
def test_bad_words_are_refused_before_any_work(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    message: str,
) -> None:
    (tmp_path / "a.mp4").touch()
    monkeypatch.chdir(tmp_path)

    assert main(("batch", *words), environ_of(settings)) == 1
    assert message in capsys.readouterr().err
