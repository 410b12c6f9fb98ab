"""SA-V's JSON: decoded by pycocotools as SAM 2's trainer does, and read from others."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_masks  # type: ignore[import-untyped]

from sam2_session.formats.coco.run_lengths import encode_rle
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportChoices, VideoFacts
from tests.formats.drawn_source import PAIRS, SIZE_HW, DrawnSource, written

FACTS = VideoFacts(("clip.mp4", "clip"), SIZE_HW, 24, 24.0)


def document(path: Path) -> Any:
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read("annotations/clip_manual.json"))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_trainer_finds_every_object_on_every_frame(tmp_path: Path) -> None:
    source = DrawnSource()
    data = document(written(tmp_path, "sa_v", source))

    assert len(data["masklet"]) == data["video_frame_count"] == 4
    for frame_idx, row in enumerate(data["masklet"]):
        decoded = coco_masks.decode(row).transpose(2, 0, 1).astype(bool)
        for pair, mask in zip(PAIRS, decoded, strict=True):
            there = frame_idx in source.masked_frames(pair)
            wanted = source.mask(pair, frame_idx) if there else np.zeros(SIZE_HW, bool)
            assert np.array_equal(mask, wanted)


def test_frames_count_from_the_first_that_is_exported(tmp_path: Path) -> None:
    source = DrawnSource()
    source.frames = range(2, 4)
    path = written(tmp_path, "sa_v", source, images=True)
    with zipfile.ZipFile(path) as file:
        assert "JPEGImages/clip/00000.jpg" in file.namelist()
    with read_import(path, FACTS, ImportChoices()) as plan:
        assert {item.frame_idx for item in plan.items} == {2, 3}


def test_masks_of_every_fourth_frame_land_there(tmp_path: Path) -> None:
    """SA-V's own files: 24 frames a second, annotated six times a second."""
    mask = np.zeros(SIZE_HW, bool)
    mask[4:9, 4:9] = True
    rows = [[encode_rle(mask), encode_rle(mask & False)] for _ in range(6)]
    data = {"video_id": "sav_1", "video_frame_count": 24.0, "masklet": rows, "masklet_id": [3, 7]}
    path = tmp_path / "sav_1_manual.json"
    path.write_text(json.dumps(data))
    with read_import(path, FACTS, ImportChoices()) as plan:
        assert [item.frame_idx for item in plan.items] == [0, 4, 8, 12, 16, 20]
        assert [subject.name for subject in plan.subjects] == ["masklet 3"]
    assert any("every 4th frame" in note.why for note in plan.notes)
