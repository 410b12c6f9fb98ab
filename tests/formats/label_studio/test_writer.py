from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sam2_session.formats.label_studio.brush_decoder import decode_brush
from sam2_session.formats.label_studio.brush_encoder import encode_brush
from tests.formats.drawn_source import PAIRS, DrawnSource, written

RNG = np.random.default_rng(9)
MASKS = {
    "noise": RNG.random((31, 45)) < 0.5,
    "full": np.ones((300, 400), np.bool_),  # a run of 480,000 bytes
    "empty": np.zeros((3, 5), np.bool_),
    "one pixel": np.eye(40, dtype=np.bool_) & (np.arange(40) == 7),
}


def read(folder: Path, name: str, source: Any = None, **options: Any) -> Any:
    return json.loads(written(folder, name, source, **options).read_text())


@pytest.mark.parametrize("name", MASKS)
def test_a_brush_is_read_back(name: str) -> None:
    mask = MASKS[name]

    assert np.array_equal(decode_brush(encode_brush(mask), mask.shape), mask)


@pytest.mark.parametrize("name", MASKS)
def test_label_studio_s_own_decoder_reads_a_brush(name: str) -> None:
    brush = pytest.importorskip(
        "label_studio_sdk.converter.brush",
        reason="label-studio-sdk brings 71 packages: it is only installed to check against it",
    )
    mask = MASKS[name]

    found = brush.decode_rle(encode_brush(mask)).reshape(*mask.shape, 4)

    assert np.array_equal(found[..., 3] > 0, mask)


def test_each_frame_is_an_image_task_with_its_brushes(tmp_path: Path) -> None:
    tasks = read(tmp_path, "label_studio", images_at="/data/clip/")
    result = tasks[3]["annotations"][0]["result"][2]

    assert tasks[3]["data"] == {"image": "/data/clip/00004.jpg", "frame_index": 3}
    assert (result["original_width"], result["original_height"]) == (64, 48)
    assert result["value"]["brushlabels"] == ["shaft"]
    assert result["meta"]["text"] == ["tool 1"]
    mask = decode_brush(result["value"]["rle"], (48, 64))
    assert np.array_equal(mask, DrawnSource().mask(PAIRS[1], 3))


def test_boxes_are_percent_of_the_frame_and_count_from_one(tmp_path: Path) -> None:
    (task,) = read(tmp_path, "label_studio_boxes")
    first = task["annotations"][0]["result"][0]["value"]["sequence"][0]

    assert first == {
        **{"frame": 1, "time": 0.04, "rotation": 0, "enabled": True},
        **{"x": 6.25, "y": 25.0, "width": 39.0625, "height": 100 * 25 / 48},
    }


def test_a_gap_ends_the_stretch_before_it(tmp_path: Path) -> None:
    (task,) = read(tmp_path, "label_studio_boxes")
    last = task["annotations"][0]["result"][2]["value"]["sequence"]

    assert [(keyframe["frame"], keyframe["enabled"]) for keyframe in last] == [
        (1, True),
        (2, False),
        (4, True),
    ]


def test_keyframes_can_be_rarer(tmp_path: Path) -> None:
    (task,) = read(tmp_path, "label_studio_boxes", DrawnSource(9), every=4)
    whole, _, other = (found["value"]["sequence"] for found in task["annotations"][0]["result"])

    assert [keyframe["frame"] for keyframe in whole] == [1, 5, 9]
    assert [keyframe["frame"] for keyframe in other] == [1, 2, 4, 8, 9]
