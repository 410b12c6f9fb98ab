"""Frames at a fraction of their size: decoded once, as soon as they are there."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from sam2_session.storage.reduced_frames import KEPT, ReducedFrames


def write(path: Path, width: int = 640) -> None:
    cv2.imwrite(str(path), np.full((width * 9 // 16, width, 3), 90, np.uint8))


@pytest.mark.parametrize(
    ("width", "read_width"), [(1920, 240), (1280, 320), (640, 320), (160, 160)]
)
def test_the_smallest_fraction_that_is_wide_enough_is_read(
    tmp_path: Path, width: int, read_width: int
) -> None:
    write(tmp_path / "0.jpg", width)

    image = ReducedFrames(lambda idx: tmp_path / f"{idx}.jpg", width).read(0)

    assert image is not None
    assert image.shape[1] == read_width


def test_a_frame_is_decoded_once_while_it_is_among_the_latest(tmp_path: Path) -> None:
    asked: list[int] = []
    write(tmp_path / "frame.jpg")

    def path(frame_idx: int) -> Path:
        asked.append(frame_idx)
        return tmp_path / "frame.jpg"

    frames = ReducedFrames(path, 640)
    first = [frames.read(idx) for idx in range(KEPT)]
    again = [frames.read(idx) for idx in range(KEPT)]
    assert all(image is other for image, other in zip(first, again, strict=True))

    frames.read(KEPT)
    frames.read(0)

    assert asked == [*range(KEPT), KEPT, 0]


def test_a_frame_that_was_missing_is_read_once_it_is_there(tmp_path: Path) -> None:
    frames = ReducedFrames(lambda idx: tmp_path / f"{idx}.jpg", 640)
    assert frames.read(0) is None

    write(tmp_path / "0.jpg")

    assert frames.read(0) is not None
