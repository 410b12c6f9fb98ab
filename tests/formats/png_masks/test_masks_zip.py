from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.formats.drawn_source import PAIRS, DrawnSource, steps, written

FROM_DISK = "instance1/masks_shaft/00002.png"


def test_masks_lie_in_the_zip_as_on_disk(tmp_path: Path) -> None:
    source = DrawnSource()

    with zipfile.ZipFile(written(tmp_path, "masks_zip")) as found:
        png = found.read(FROM_DISK)
        names = found.namelist()

    assert png == source.read_mask(PAIRS[1], 1).png  # type: ignore[union-attr]
    assert "instance2/masks_overall/00003.png" not in names  # it was away
    assert len(names) == 4 + 4 + 3 + 1


def test_names_have_the_digits_and_the_base_asked_for(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "masks_zip", digits=8, base=0)) as found:
        assert "instance1/masks_shaft/00000001.png" in found.namelist()


def test_the_composite_holds_all_masks_of_a_frame(tmp_path: Path) -> None:
    source = DrawnSource()

    with zipfile.ZipFile(written(tmp_path, "masks_zip", layout="single")) as found:
        image = np.asarray(Image.open(io.BytesIO(found.read("masks/00001.png"))))

    assert np.array_equal(image > 0, np.any([source.mask(pair, 0) for pair in PAIRS], axis=0))


def test_parts_lie_above_whole_instances_and_later_ones_above_earlier(tmp_path: Path) -> None:
    source = DrawnSource()
    whole, shaft, other = (source.mask(pair, 0) for pair in PAIRS)

    with zipfile.ZipFile(written(tmp_path, "masks_zip", layout="ids")) as found:
        data = np.frombuffer(found.read("masks/00001.png"), np.uint8)
    ids = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)

    assert (ids[shaft] == 1).all()
    assert (ids[other & ~shaft] == 2).all()
    assert (ids[whole & ~other & ~shaft] == 1).all()


def test_the_manifest_tells_where_each_mask_comes_from(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "masks_zip")) as found:
        manifest = json.loads(found.read("manifest.json"))

    assert manifest["masks"][3] == {
        **{"instance_id": 1, "region": "overall", "frame_idx": 1, "rev": 11, "run": 3},
        **{"source": "propagated", "score": 4.5, "flags": ["scene_cut"], "approved": False},
        **{"stale": False, "area": 392, "box": [5, 12, 30, 37]},
    }
    assert manifest["counts"] == {"masks": 11}
    assert manifest["frame_table"]["pts"] == [0, 512, 1031, 1543]
    assert manifest["video"]["fps"] == "25/1"


def test_a_video_without_masks_makes_an_archive_with_a_manifest(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "masks_zip", DrawnSource(0, pairs=()))) as found:
        assert found.namelist() == ["manifest.json"]
        assert json.loads(found.read("manifest.json"))["masks"] == []


def test_it_can_be_stopped_between_two_frames(tmp_path: Path) -> None:
    under_way = steps(tmp_path, "masks_zip")
    next(under_way)
    under_way.close()

    assert [path.name for path in tmp_path.iterdir()] == ["clip.zip"]  # and no manifest


@pytest.mark.parametrize("digits", [5, 8])
def test_the_same_masks_make_the_same_bytes(tmp_path: Path, digits: int) -> None:
    first = written(tmp_path, "masks_zip", digits=digits).read_bytes()

    assert written(tmp_path, "masks_zip", digits=digits).read_bytes() == first
