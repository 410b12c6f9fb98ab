"""Every command of the documentation does what it says: each is run as it stands there."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from sam2_session import Studio
from sam2_session.cli.__main__ import _parser, main
from tests.annotating import BODY, make_moving_clip, settings_of
from tests.cli.test_batch import clicks_file
from tests.cli.test_run import environ_of
from tests.import_graph import ROOT
from tests.networks import built_once

PAGES = ("command-line.md", "exports.md", "imports.md")
LARGE = "sam2.1_hiera_large"  # here the demo model with a smaller input


def documented() -> list[str]:
    """The commands in the blocks of the pages, without what the shell does with their output."""
    texts = [(ROOT / "docs" / page).read_text(encoding="utf-8") for page in PAGES]
    blocks = [block for text in texts for block in re.findall(r"```(?:sh)?\n(.*?)```", text, re.S)]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [re.sub(r"\s+>.*", "", line) for line in lines if line.startswith("sam2-session ")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the documentation speaks of."""
    monkeypatch.chdir(tmp_path)
    for path in ("clip.mp4", "footage/clip.mp4", "footage/other.mp4", "w/videos/demo.mp4"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        make_moving_clip(Path(path), 14 if path == "clip.mp4" else 4 + len(path) % 3)
    for name in ("annotations", "label-studio", "export", "footage/clip"):
        clicks_file(Path(f"{name}.json"))
    for name in ("tool 1", "junk"):
        Path("masks", name).mkdir(parents=True)
        cv2.imwrite(f"masks/{name}/00003.png", np.full((96, 160), 255, np.uint8))
    Path("coco").mkdir()
    return tmp_path


def test_every_documented_command_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = settings_of(folder / "w")
    models = settings.configs_dir / "models.yaml"
    rows = yaml.safe_load(models.read_text())["models"]
    rows = [row for row in rows if row["name"] != LARGE]
    rows.append({**rows[0], "name": LARGE, "image_size": 128})
    models.write_text(yaml.safe_dump({"models": rows}))
    with built_once(), Studio.of(settings) as studio:
        pair = studio.video("demo").instance(1)["shaft"]
        pair.click(*BODY, frame=0)
        pair.approve([(0, 0)])
    commands = documented()
    failed = {}
    for command in commands:
        words = shlex.split(command, comments=True)[1:]
        with built_once():
            code = main(words, environ_of(settings))
        said = capsys.readouterr()
        if code != 0:
            failed[command] = f"{code}: {said.err or said.out}"
        elif "--json" in words:
            json.loads(said.out)

    assert len(commands) > 15
    assert {command: text for command, text in failed.items() if not text.startswith("4:")} == {}
    assert {command.split()[1] for command in failed} <= {"batch"}  # a video without prompts


def test_every_command_has_its_row() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| (`.*?) \|", page)
    commands = next(
        action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)
    )

    missing = [name for name in commands.choices if not any(f"`{name}" in row for row in rows)]

    assert missing == []
