from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from sam2_session.core.types import BoolMask
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.shapes.outlines import joined, outlines_of
from tests.formats.drawn_source import PAIRS, DrawnSource, written

NOISE = np.random.default_rng(0).random((400, 480)) < 0.5  # a sponge of twelve thousand holes


class Speckled(DrawnSource):
    """One disc in noise of 400 x 480 pixels."""

    def __init__(self) -> None:
        super().__init__(frames=1, pairs=PAIRS[:1], size_hw=NOISE.shape)

    def mask(self, pair: Pair, frame_idx: int) -> BoolMask:
        return super().mask(pair, frame_idx) | NOISE


def lines(folder: Path, name: str = "labels/00001.txt", **options: Any) -> list[str]:
    with zipfile.ZipFile(written(folder, "yolo_seg", **options)) as file:
        return file.read(name).decode().splitlines()


def drawn(line: str) -> BoolMask:
    """Draw a line as YOLO trainers do: corners cut to whole pixels, one filled polygon."""
    corners = np.asarray([float(word) for word in line.split()[1:]]).reshape(-1, 2)
    pixels = (corners * (64, 48)).astype(np.int32)
    return cv2.fillPoly(np.zeros((48, 64), np.uint8), [pixels], 1) > 0


def test_a_mask_with_a_hole_is_one_line_that_draws_the_hole(tmp_path: Path) -> None:
    source = DrawnSource()
    made = drawn(lines(tmp_path)[0])
    mask = source.mask(PAIRS[0], 0)

    assert np.count_nonzero(made != mask) <= 12  # the cut between hole and outline
    assert np.count_nonzero(made[20:28, 12:20]) < 40


def test_classes_come_from_regions(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "yolo_seg")) as file:
        data = yaml.safe_load(file.read("data.yaml"))
        classes = [line.split()[0] for line in file.read("labels/00001.txt").decode().splitlines()]

    assert data == {"train": "images", "val": "images", "names": {0: "overall", 1: "shaft"}}
    assert classes == ["0", "0", "1"]  # from the bottom to the top


def test_coordinates_are_shares_of_the_frame(tmp_path: Path) -> None:
    values = [float(word) for line in lines(tmp_path) for word in line.split()[1:]]

    assert 0 < min(values) < max(values) < 1


def test_pieces_are_joined_or_split() -> None:
    mask = np.zeros((20, 30), np.bool_)
    mask[2:6, 2:6] = mask[10:15, 20:29] = True
    pieces, _ = outlines_of(mask)

    assert len(pieces) == 2
    drawing = cv2.fillPoly(np.zeros((20, 30), np.uint8), joined(pieces).outlines, 1) > 0
    assert drawing[mask].all()
    assert np.count_nonzero(drawing & ~mask) <= 20


@pytest.mark.parametrize("pixels", [[(3, 4)], [(3, 4), (3, 5)], []])
def test_the_least_masks_have_outlines(pixels: list[tuple[int, int]]) -> None:
    mask = np.zeros((9, 9), np.bool_)
    for pixel in pixels:
        mask[pixel] = True

    for outline in outlines_of(mask).outlines:
        assert len(outline) == 3
        filled = cv2.fillPoly(np.zeros((9, 9), np.uint8), [outline], 1) > 0
        assert np.array_equal(filled, mask)


def test_corners_near_the_line_can_be_left_out(tmp_path: Path) -> None:
    exact, fewer = lines(tmp_path)[0], lines(tmp_path, tolerance_px=1.5)[0]

    assert len(fewer) < 0.6 * len(exact)


@pytest.mark.parametrize("format_options", [("yolo_seg", {}), ("labelme", {"shapes": "polygons"})])
def test_of_a_speckled_mask_the_smallest_pieces_are_left_out_and_named(
    tmp_path: Path, format_options: tuple[str, dict[str, Any]]
) -> None:
    name, options = format_options
    written(tmp_path, name, Speckled(), **options)
    manifest = json.loads((tmp_path / "manifest.json").read_text())

    (row,) = manifest["simplified"]
    assert (row["frame_idx"], row["instance_id"], row["region"]) == (0, 1, "overall")
    assert row["left_out"] > 100
    assert any("specks" in remark for remark in manifest["remarks"])


def test_of_too_many_rings_the_largest_are_joined() -> None:
    specks = [np.array([(x, y), (x, y + 1), (x, y)], np.int32)
              for x in range(0, 200, 2) for y in range(0, 200, 4)]  # fmt: skip
    large = np.array([(300, 300), (350, 300), (300, 350)], np.int32)

    whole, left_out = joined([*specks, large], most_work=1_000_000)

    assert 0 < left_out < len(specks)
    assert set(map(tuple, large.tolist())) <= set(map(tuple, whole[0].tolist()))


def test_a_hole_of_very_many_corners_is_joined_among_some_of_them() -> None:
    comb = np.array([(x, y) for x in range(0, 20_000, 2) for y in (0, 5)], np.int32)

    whole, left_out = joined([comb, comb + (0, 9)])

    assert left_out == 0
    assert len(whole[0]) == 2 * len(comb) + 2
