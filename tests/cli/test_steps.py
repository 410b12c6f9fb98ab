"""The single steps, on the folders; and every example of the documentation."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from sam2_session.cli.__main__ import main
from sam2_session.settings import Settings
from tests.annotating import BODY, make_moving_clip, settings_of
from tests.cli.test_run import environ_of
from tests.import_graph import ROOT
from tests.networks import built_once

FENCED = re.compile(r"```(?:python)?\n(.*?)```", re.DOTALL)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = settings_of(tmp_path / "cli")
    settings.videos_dir.mkdir(parents=True)
    make_moving_clip(settings.videos_dir / "clip.mp4")
    return settings


def run(settings: Settings, *words: str) -> int:
    with built_once():
        return main(words, environ_of(settings))


def test_a_pair_is_clicked_undone_and_propagated_step_by_step(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    x, y = map(str, BODY)

    assert run(settings, "instances", "clip", "--add", "forceps") == 0
    assert "   2 forceps #" in capsys.readouterr().out
    assert run(settings, "click", "clip", "2/shaft", x, y, "--frame", "3", "--json") == 0
    assert json.loads(capsys.readouterr().out)["area"] > 0
    assert run(settings, "click", "clip", "2/shaft", "1", "1", "--frame", "3", "--negative") == 0
    assert run(settings, "undo", "clip", "2/shaft", "--frame", "3") == 0
    capsys.readouterr()
    assert run(settings, "prompts", "clip", "2/shaft") == 0
    assert capsys.readouterr().out == "frame 3: 1 points\n"
    assert run(settings, "propagate", "clip", "2/shaft", "--direction", "both") == 0
    assert capsys.readouterr().out == "13 frames\n"
    folder = settings.outputs_dir / "clip/instance2/masks_shaft"
    assert len(list(folder.glob("*.png"))) == 12


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("click", "clip", "shaft", "1", "1"), "like 1/shaft"),
        (("undo", "clip", "1/shaft"), "nothing to undo"),
        (("propagate", "clip"), "nothing to propagate"),
    ],
)
def test_bad_steps_are_refused(
    settings: Settings, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert run(settings, *words) == 1
    assert message in capsys.readouterr().err.lower()


def test_the_five_lines_of_the_documentation_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    make_moving_clip(Path("clip.mp4"), 18)
    (lines, *_) = FENCED.findall((ROOT / "docs/python.md").read_text(encoding="utf-8"))
    found: dict[str, object] = {}

    exec(compile(lines, "docs/python.md", "exec"), found)

    assert isinstance(found["mask"], np.ndarray)
    assert found["mask"].shape == (96, 160)
    assert len(capsys.readouterr().out.splitlines()) == 18
    assert Path("out.zip").stat().st_size > 0


def test_the_commands_of_the_documentation_work(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_moving_clip(Path("clip.mp4"), 14)
    (block, *_) = FENCED.findall((ROOT / "docs/command-line.md").read_text(encoding="utf-8"))
    commands = [shlex.split(line)[1:] for line in block.replace("\\\n", " ").splitlines()]
    first = commands[0][: commands[0].index("--out")]

    assert run(settings, *first, "--export", "label_studio", "--out", "annotations.json") == 0
    assert [words[0] for words in commands] == ["run"] * 3
    for words in commands:
        assert run(settings, *words) == 0, words
