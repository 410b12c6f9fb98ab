from __future__ import annotations

import cv2
import numpy as np
import pytest

from training.scenes import Scene, SceneSpec, draw_scene

SEEDS = range(12)
PARTS = {"shaft", "wrist", "gripper"}


@pytest.fixture(scope="module")
def hard_scenes() -> list[Scene]:
    return [draw_scene(SceneSpec(seed, num_frames=8, size=96)) for seed in SEEDS]


@pytest.fixture(scope="module")
def easy_scenes() -> list[Scene]:
    return [draw_scene(SceneSpec(seed, num_frames=8, size=96, hardness=0)) for seed in SEEDS]


def test_the_same_spec_gives_the_same_pixels(hard_scenes: list[Scene]) -> None:
    again = draw_scene(hard_scenes[3].spec)

    assert np.array_equal(again.frames_thwc, hard_scenes[3].frames_thwc)
    assert [t.kind for t in again.targets] == [t.kind for t in hard_scenes[3].targets]
    assert all(
        np.array_equal(a.masks_thw, b.masks_thw)
        for a, b in zip(again.targets, hard_scenes[3].targets, strict=True)
    )


def test_another_seed_gives_another_scene(hard_scenes: list[Scene]) -> None:
    first, second = hard_scenes[0], hard_scenes[1]

    assert (first.frames_thwc != second.frames_thwc).mean() > 0.5


@pytest.mark.parametrize("mosaic", [False, True])
def test_arrays_have_the_promised_shapes(mosaic: bool) -> None:
    scene = draw_scene(SceneSpec(7, num_frames=3, size=80, mosaic=mosaic))

    assert scene.frames_thwc.shape == (3, 80, 80, 3)
    assert scene.frames_thwc.dtype == np.uint8
    assert {t.masks_thw.shape for t in scene.targets} == {(3, 80, 80)}
    assert {t.masks_thw.dtype for t in scene.targets} == {np.dtype(bool)}


@pytest.mark.parametrize("mosaic", [False, True])
def test_every_target_is_seen_on_the_first_frame(mosaic: bool) -> None:
    scenes = [draw_scene(SceneSpec(seed, 1, 96, mosaic=mosaic)) for seed in SEEDS]
    shares = [t.masks_thw[0].mean() for scene in scenes for t in scene.targets]

    assert min(shares) >= 0.0015
    assert all(scene.targets for scene in scenes)


def test_parts_lie_within_their_tool(hard_scenes: list[Scene]) -> None:
    for scene in hard_scenes:
        tools = [t.masks_thw for t in scene.targets if t.kind == "tool"]
        for part in (t.masks_thw for t in scene.targets if t.kind in PARTS):
            assert any(not (part & ~tool).any() for tool in tools)


def test_every_kind_of_thing_comes_up() -> None:
    scenes = [draw_scene(SceneSpec(seed, 1, 64)) for seed in range(60)]
    kinds = {t.kind for scene in scenes for t in scene.targets}

    assert kinds >= PARTS | {"tool", "handtool", "figure", "blob", "polygon", "ring", "thin"}


def test_hard_scenes_have_objects_that_go_away(hard_scenes: list[Scene]) -> None:
    present = [t.masks_thw.any((1, 2)) for scene in hard_scenes for t in scene.targets]

    assert 0.02 < 1 - np.mean(present) < 0.3


def test_easy_scenes_keep_everything_in_view(easy_scenes: list[Scene]) -> None:
    present = [t.masks_thw.any((1, 2)) for scene in easy_scenes for t in scene.targets]

    assert np.all(present)


def test_cells_of_a_mosaic_never_overlap() -> None:
    scene = draw_scene(SceneSpec(4, num_frames=2, size=96, mosaic=True))
    cells = [t.masks_thw for t in scene.targets if t.kind == "cell"]

    assert len(cells) > 3
    assert np.sum(cells, axis=0).max() == 1


def test_masks_sit_on_their_objects() -> None:
    scenes = [draw_scene(SceneSpec(seed, 1, 128, hardness=0)) for seed in SEEDS]
    gaps = [
        rim_gap(scene.frames_thwc[0], t.masks_thw[0]) for scene in scenes for t in scene.targets
    ]

    assert np.mean(np.array(gaps) > 15) > 0.9


def rim_gap(frame: np.ndarray, mask: np.ndarray) -> float:
    """Measure the colour distance across a mask's edge."""
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((7, 7))) > 0
    shrunk = cv2.erode(mask.astype(np.uint8), np.ones((7, 7))) > 0
    inside, outside = frame[mask & ~shrunk], frame[grown & ~mask]
    return float(np.linalg.norm(inside.mean(0) - outside.mean(0)))


@pytest.mark.parametrize("wrong", [{"num_frames": 0}, {"size": 8}, {"hardness": 1.5}])
def test_impossible_specs_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must|at least"):
        SceneSpec(0, **wrong)  # type: ignore[arg-type]
