"""``rebuild``: masks again from the saved prompts, compared and taken over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sam2_session import Studio
from sam2_session.cli.__main__ import main
from sam2_session.settings import Settings
from tests.annotating import BODY, make_moving_clip
from tests.cli.test_run import environ_of
from tests.networks import built_once
from tests.services.rebuilds.test_rebuilds import OTHER, configured


def rebuild(settings: Settings, *words: str) -> int:
    with built_once():
        return main(("rebuild", *words), environ_of(settings))


def test_masks_are_compared_and_taken_only_when_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = configured(tmp_path)
    with built_once(), Studio.of(settings) as studio:
        pair = studio.video(make_moving_clip(tmp_path / "clip.mp4")).instance(1)["shaft"]
        pair.click(*BODY, frame=0)
        masks = {step.frame_idx: step.mask for step in pair.propagate(end=5)}

    assert rebuild(settings, "clip", "1/shaft", "--quiet") == 0
    assert capsys.readouterr().out == (
        "1/shaft: 6 of 6 masks compared, IoU 1.000, at worst 1.000\n"
        "Nothing is replaced; --take does\n"
    )
    assert rebuild(settings, "clip", "--model", OTHER, "--frames", "--quiet", "--take") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1/shaft: 6 of 6 masks compared, IoU 0.")
    assert lines[1].startswith("  frame      0  IoU ")
    assert lines[1].endswith("checked by a person")
    assert lines[-1] == f"5 frames have the masks of {OTHER} now"

    assert rebuild(settings, "clip", "--model", OTHER, "--json", "--quiet", "--take") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["taken"] == 0
    assert [row["iou"] for row in document["pairs"][0]["frames"][1:]] == [1.0] * 5
    with built_once(), Studio.of(settings) as studio:
        pair = studio.video("clip").instance(1)["shaft"]
        assert (pair.mask(0) == masks[0]).all()
        assert (pair.mask(3) != masks[3]).any()
        pair.undo(3)
        assert (pair.mask(5) == masks[5]).all()
