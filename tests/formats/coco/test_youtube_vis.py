from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as oracle

from tests.formats.drawn_source import PAIRS, DrawnSource, written

# pycocotools' compiled part warns under numpy 2
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def document(folder: Path) -> Any:
    with zipfile.ZipFile(written(folder, "youtube_vis")) as file:
        return json.loads(file.read("instances.json"))


def test_each_pair_has_its_mask_on_every_frame_or_null(tmp_path: Path) -> None:
    row = document(tmp_path)["annotations"][2]

    assert [mask is None for mask in row["segmentations"]] == [False, False, True, False]
    assert row["bboxes"][2] is None
    assert row["areas"][2] is None
    assert row["attributes"]["name"] == "Zange ä"


def test_pycocotools_reads_the_masks(tmp_path: Path) -> None:
    row = document(tmp_path)["annotations"][1]

    found = oracle.decode(row["segmentations"][3])
    assert np.array_equal(found > 0, DrawnSource().mask(PAIRS[1], 3))
    assert row["category_id"] == 2


def test_the_video_lists_its_frames(tmp_path: Path) -> None:
    (video,) = document(tmp_path)["videos"]

    assert (video["width"], video["height"], video["length"]) == (64, 48, 4)
    assert video["file_names"][3] == "clip/00003.jpg"
