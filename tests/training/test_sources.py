from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.training.davis import write_clip
from training.scenes import SceneSpec, draw_scene
from training.sources import (
    HELD_OUT_FIRST_SEED,
    MAX_TARGETS,
    BadDataset,
    Truth,
    clip_of,
    davis_clips,
    held_out_clips,
)


@pytest.fixture
def davis(tmp_path: Path) -> Path:
    """Two clips of three frames: one with objects 1 and 2, one black and white."""
    ids: npt.NDArray[np.uint8] = np.zeros((3, 40, 60), np.uint8)
    ids[:, 5:15, 5:20] = 1
    ids[:2, 20:30, 30:50] = 2  # gone on the last frame
    ids[:, 35:, 55:] = 255
    write_clip(tmp_path, "pair", ids, mode="P")
    write_clip(tmp_path, "alone", np.where(ids == 1, 255, 0).astype(np.uint8), mode="L")
    return tmp_path


def test_each_object_of_a_palette_is_a_target(davis: Path) -> None:
    alone, pair = davis_clips(davis)

    assert [clip.name for clip in (alone, pair)] == ["alone", "pair"]
    assert [truth.masks_thw.sum((1, 2)).tolist() for truth in pair.truths] == [
        [150, 150, 150],
        [200, 200, 0],
    ]


def test_white_is_the_object_of_a_black_and_white_clip(davis: Path) -> None:
    alone = next(davis_clips(davis))

    assert [truth.masks_thw[0].sum() for truth in alone.truths] == [150]
    assert alone.truths[0].masks_thw[0, 5, 5]


def test_only_listed_clips_are_read(davis: Path) -> None:
    listed = davis / "ImageSets" / "2017" / "val.txt"
    listed.parent.mkdir(parents=True)
    listed.write_text("pair\n", encoding="utf-8")

    assert [clip.name for clip in davis_clips(davis)] == ["pair"]


def test_frames_of_a_folder_are_used_where_they_are(davis: Path) -> None:
    clip = next(davis_clips(davis, limit=1))

    with clip.folder() as folder:
        assert folder == davis / "JPEGImages" / "480p" / "alone"


def test_a_frame_without_annotation_is_named(davis: Path) -> None:
    (davis / "Annotations" / "480p" / "pair" / "00001.png").unlink()

    with pytest.raises(BadDataset, match="pair has no annotation of frame 00001"):
        list(davis_clips(davis))


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match="Name the folder that holds JPEGImages"):
        list(davis_clips(tmp_path))


def test_held_out_clips_come_from_seeds_no_training_uses() -> None:
    first, second = held_out_clips(2)

    assert [first.name, second.name] == [f"seed {HELD_OUT_FIRST_SEED + i}" for i in (0, 1)]
    assert isinstance(first.frames, np.ndarray)
    assert first.frames.shape == (24, 256, 256, 3)
    assert 1 <= len(first.truths) <= MAX_TARGETS


def test_the_same_seed_chooses_the_same_targets() -> None:
    scene = draw_scene(SceneSpec(seed=5, num_frames=2, size=64))

    one, other = clip_of(scene), clip_of(scene)

    assert [truth.kind for truth in one.truths] == [truth.kind for truth in other.truths]


def test_drawn_frames_are_handed_over_all_but_lossless() -> None:
    clip = clip_of(draw_scene(SceneSpec(seed=5, num_frames=2, size=64)))

    with clip.folder() as folder:
        read = np.stack([cv2.imread(str(path)) for path in sorted(folder.iterdir())])[..., ::-1]

    assert not folder.exists()
    assert np.abs(read.astype(int) - clip.frames).max() <= 8
    assert np.abs(read.astype(int) - clip.frames).mean() < 1


def test_a_target_nobody_could_point_at_is_refused() -> None:
    with pytest.raises(ValueError, match="seen on frame 0"):
        Truth("blob", np.zeros((2, 8, 8), np.bool_))
