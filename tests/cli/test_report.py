"""``report``: the page of a video or batch, as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sam2_session.cli.__main__ import main
from sam2_session.settings import Settings
from tests.annotating import make_moving_clip, settings_of
from tests.cli.test_batch import clicks_file
from tests.cli.test_run import environ_of
from tests.networks import built_once


def run(settings: Settings, *words: str) -> int:
    with built_once():
        return main(words, environ_of(settings))


def test_the_report_of_a_video_and_of_a_batch_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(tmp_path / "cli")
    folder = tmp_path / "footage"
    folder.mkdir()
    make_moving_clip(folder / "clip.mp4", 4)
    clicks_file(folder / "clip.json")
    assert run(settings, "batch", str(folder), "--quiet") == 0
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()

    assert run(settings, "report", "clip") == 0
    assert capsys.readouterr().out == "clip-report.html\n"
    assert run(settings, "report", "--batch", "footage", "--out", "b.html", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert run(settings, "report", "--batch", "nothing") == 1
    assert run(settings, "report") == 1

    assert "<title>clip.mp4 · report</title>" in Path("clip-report.html").read_text()
    page = Path("b.html").read_text()
    assert "<h1>footage</h1>" in page
    assert document == {"path": "b.html", "bytes": len(page.encode())}
