from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from sam2_session.formats.rendered.soft_edges import alpha_of_logits, blurred_edge
from tests.formats.drawn_source import PAIRS, DrawnSource, written

FIRST = DrawnSource(1, PAIRS[1:2])


def picture(folder: Path, kind: str, name: str, **options: Any) -> npt.NDArray[np.uint8]:
    with zipfile.ZipFile(written(folder, kind, FIRST, **options)) as file:
        return np.asarray(Image.open(io.BytesIO(file.read(name))))


def test_what_is_no_object_has_the_background_s_colour(tmp_path: Path) -> None:
    made = picture(tmp_path, "green_screen", "frame_000000_masked.png", background="#0a0b0c")
    mask = FIRST.mask(PAIRS[1], 0)

    assert np.array_equal(made[mask], FIRST.read_frame(0)[mask])
    assert (made[~mask] == (10, 11, 12)).all()


def test_numbers_can_begin_elsewhere(tmp_path: Path) -> None:
    assert picture(tmp_path, "green_screen", "frame_000007_masked.png", first_number=7).any()


def test_a_cut_out_is_transparent_outside_and_soft_at_the_edge(tmp_path: Path) -> None:
    made = picture(tmp_path, "cut_out", "frame_000000_cutout.png")
    mask = FIRST.mask(PAIRS[1], 0)

    assert made.shape == (48, 64, 4)
    assert np.array_equal(made[..., 3], blurred_edge(mask))
    solid = made[..., 3] == 255
    assert np.array_equal(made[solid][:, :3], FIRST.read_frame(0)[solid])


def test_the_manifest_says_which_edges_are_the_model_s(tmp_path: Path) -> None:
    written(tmp_path, "cut_out")
    remarks = json.loads((tmp_path / "manifest.json").read_text())["remarks"]

    assert remarks["masks with a soft edge from the model's logits"] == 8
    assert sum(count for text, count in remarks.items() if "made by hand" in text) == 3


def test_alpha_follows_the_logits_along_the_edge() -> None:
    logits = np.repeat(np.linspace(-3, 3, 16, dtype=np.float32)[None], 12, axis=0)
    mask = np.zeros((48, 64), np.bool_)
    mask[:, 32:] = True

    alpha = alpha_of_logits(logits, mask)

    assert alpha is not None
    assert np.array_equal(alpha >= 128, mask)
    assert 60 < alpha[20, 30] < 128 < alpha[20, 33] < 200
    assert (alpha[20, 0], alpha[20, 63]) == (0, 255)


def test_logits_of_another_mask_are_not_used() -> None:
    mask = np.zeros((48, 64), np.bool_)
    mask[:, 40:] = True

    assert alpha_of_logits(np.full((12, 16), 5, np.float32), mask) is None
