from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from tests.formats.drawn_source import PAIRS, DrawnSource, written


def test_a_file_is_named_by_frame_and_mask(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "npy")) as file:
        mask = np.load(io.BytesIO(file.read("3_1.npy")))
        ids = json.loads(file.read("manifest.json"))["mask_ids"]

    assert mask.dtype == np.uint8
    assert np.array_equal(mask, DrawnSource().mask(PAIRS[1], 3))
    assert (ids[1]["mask_id"], ids[1]["region"]) == (1, "shaft")


def test_a_stack_holds_all_frames_of_a_pair(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "npz")) as file:
        stack = np.load(io.BytesIO(file.read("2_overall.npz")))
        masks, frames = stack["masks"], stack["frame_idx"]

    assert (masks.dtype, masks.shape) == (np.uint8, (3, 48, 64))
    assert frames.tolist() == [0, 1, 3]
    assert np.array_equal(masks[2], DrawnSource().mask(PAIRS[2], 3))
