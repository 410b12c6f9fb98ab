"""Cuts between drawn clips are found; motion, light and noise are no cuts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from sam2_session.storage.reduced_frames import ReducedFrames
from sam2_session.storage.scene_cuts import SceneCuts
from training.clips import ClipSpec, make_clip

Frames = npt.NDArray[np.uint8]  # (t, h, w, 3) RGB
SIZE_HW = (90, 160)


@pytest.fixture
def cuts_of(tmp_path: Path) -> Callable[[Frames], list[int]]:
    """Writes frames as JPEGs and finds the cuts between them."""

    def path(frame_idx: int) -> Path:
        return tmp_path / f"{frame_idx:05d}.jpg"

    def find(frames: Frames) -> list[int]:
        for frame_idx, frame_rgb in enumerate(frames):
            cv2.imwrite(str(path(frame_idx)), frame_rgb[:, :, ::-1])
        cuts = SceneCuts(ReducedFrames(path, frames.shape[2], 32))
        return [frame_idx for frame_idx in range(len(frames)) if cuts.is_cut(frame_idx)]

    return find


def drawn(seed: int, num_frames: int = 12) -> Frames:
    return make_clip(ClipSpec(seed=seed, num_frames=num_frames, size_hw=SIZE_HW)).frames_thwc


def test_a_cut_between_two_drawn_clips_is_found(cuts_of: Callable[[Frames], list[int]]) -> None:
    frames = np.concatenate([drawn(1), drawn(2, 3), drawn(3)])

    assert cuts_of(frames) == [12, 15]


def test_cuts_at_the_first_frames_are_found(cuts_of: Callable[[Frames], list[int]]) -> None:
    assert cuts_of(np.concatenate([drawn(1, 1), drawn(2, 1), drawn(3)])) == [1, 2]


def test_a_moving_camera_is_no_cut(cuts_of: Callable[[Frames], list[int]]) -> None:
    ground = make_clip(ClipSpec(seed=5, num_frames=1, size_hw=(180, 640))).frames_thwc[0]
    pan = np.stack([ground[t : t + 90, 10 * t : 10 * t + 160] for t in range(40)])

    assert cuts_of(pan) == []


def test_fast_motion_is_no_cut(cuts_of: Callable[[Frames], list[int]]) -> None:
    assert cuts_of(drawn(6, 120)[::6]) == []


def test_light_that_changes_is_no_cut(cuts_of: Callable[[Frames], list[int]]) -> None:
    frames = drawn(7, 20).astype(np.float64)
    light = np.where(np.arange(20) < 8, 1.0, 0.45)[:, None, None, None]
    light[12:] = np.linspace(0.45, 1.2, 8)[:, None, None, None]

    assert cuts_of(np.clip(frames * light, 0, 255).astype(np.uint8)) == []


def test_dark_noise_is_no_cut(cuts_of: Callable[[Frames], list[int]]) -> None:
    noise = np.random.default_rng(1).integers(0, 12, (20, *SIZE_HW, 3)).astype(np.uint8)

    assert cuts_of(noise) == []


def test_answers_do_not_depend_on_the_order_of_questions(tmp_path: Path) -> None:
    for frame_idx, frame_rgb in enumerate(np.concatenate([drawn(1), drawn(2)])):
        cv2.imwrite(str(tmp_path / f"{frame_idx}.png"), frame_rgb)

    def all_cuts(order: list[int]) -> set[int]:
        cuts = SceneCuts(ReducedFrames(lambda idx: tmp_path / f"{idx}.png", SIZE_HW[1]))
        return {idx for idx in order if cuts.is_cut(idx)}

    assert all_cuts(list(range(24))) == all_cuts(list(range(23, -1, -1))) == {12}


def test_a_frame_that_is_missing_or_broken_is_no_cut(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"no picture")
    cuts = SceneCuts(ReducedFrames(lambda idx: tmp_path / f"{idx}.jpg", 160))

    assert [cuts.is_cut(idx) for idx in range(3)] == [False] * 3
