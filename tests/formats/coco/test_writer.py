from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO

from tests.formats.drawn_source import PAIRS, DrawnSource, written

# pycocotools' compiled part warns under numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def opened(folder: Path, name: str = "instances_default", **options: Any) -> COCO:
    with zipfile.ZipFile(written(folder, "coco", **options)) as file:
        file.extractall(folder)
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(folder / f"annotations/{name}.json"))


def test_pycocotools_reads_every_mask_back(tmp_path: Path) -> None:
    source, coco = DrawnSource(), opened(tmp_path)

    for row in coco.loadAnns(coco.getAnnIds()):
        frame_idx = coco.imgs[row["image_id"]]["frame_idx"]
        expected = source.mask(PAIRS[row["track_id"] - 1], frame_idx)
        assert np.array_equal(coco.annToMask(row) > 0, expected)
        assert row["area"] == expected.sum()
    assert len(coco.anns) == 11


def test_regions_are_categories_and_pairs_are_tracks(tmp_path: Path) -> None:
    coco = opened(tmp_path)

    assert {category["id"]: category["name"] for category in coco.cats.values()} == {
        1: "overall",
        2: "shaft",
    }
    shaft = coco.loadAnns(coco.getAnnIds(catIds=[2]))
    assert {annotation["track_id"] for annotation in shaft} == {2}
    assert shaft[0]["attributes"]["instance"] == "tool 1"


def test_a_box_is_tight(tmp_path: Path) -> None:
    first = opened(tmp_path).anns[1]

    assert first["bbox"] == [4, 12, 25, 25]


def test_keypoints_follow_the_order_of_their_names(tmp_path: Path) -> None:
    coco = opened(tmp_path, "keypoints")

    assert coco.cats[1]["keypoints"] == ["tip", "hinge"]
    assert coco.anns[1]["keypoints"] == [20.0, 21.5, 2, 8.0, 9.0, 1]
    assert coco.anns[1]["num_keypoints"] == 2


def test_frames_come_along_if_asked_for(tmp_path: Path) -> None:
    opened(tmp_path, images=True, digits=8)

    frame = (tmp_path / "images/00000003.jpg").read_bytes()
    assert frame == DrawnSource().read_frame_file(2)
    listed = json.loads((tmp_path / "annotations/instances_default.json").read_text())["images"]
    assert listed[2]["file_name"] == "00000003.jpg"


def test_there_is_a_folder_of_images_without_any(tmp_path: Path) -> None:
    opened(tmp_path)

    assert list((tmp_path / "images").iterdir()) == []
