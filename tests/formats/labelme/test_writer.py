"""LabelMe's JSON as LabelMe reads it: points inside the picture, a mask as large as its box."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.formats.drawn_source import PAIRS, DrawnSource, written


def shapes(path: Path, name: str = "00001.json") -> Any:
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read(name))["shapes"]


def test_a_mask_covers_the_box_of_its_points(tmp_path: Path) -> None:
    source = DrawnSource(1, PAIRS[:1])
    (shape,) = shapes(written(tmp_path, "labelme", source))
    (left, top), (right, bottom) = shape["points"]
    patch = np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"])))) > 0

    whole = np.zeros_like(source.mask(PAIRS[0], 0))
    whole[top : bottom + 1, left : right + 1] = patch
    assert np.array_equal(whole, source.mask(PAIRS[0], 0))
    assert (shape["label"], shape["group_id"]) == ("overall", 1)


def test_polygons_are_drawn_around_the_mask(tmp_path: Path) -> None:
    source = DrawnSource(1, PAIRS[2:])
    (shape,) = shapes(written(tmp_path, "labelme", source, shapes="polygons"))
    ys, xs = np.nonzero(source.mask(PAIRS[2], 0))
    points = np.asarray(shape["points"])

    assert np.abs(points.min(axis=0) - (xs.min() + 0.5, ys.min() + 0.5)).max() <= 1
    assert np.abs(points.max(axis=0) - (xs.max() + 0.5, ys.max() + 0.5)).max() <= 1
