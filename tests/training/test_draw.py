"""Drawn clips are written so that the evaluation reads them back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.batches import PARTS
from training.draw import write_clip
from training.scenes import SceneSpec, draw_scene
from training.sources import davis_clips


def test_written_clip_is_read_back_with_its_objects(tmp_path: Path) -> None:
    scene = draw_scene(SceneSpec(seed=3, num_frames=3, size=64))
    write_clip(tmp_path, scene)
    (clip,) = davis_clips(tmp_path)
    wholes = [target for target in scene.targets if target.kind not in PARTS]
    assert len(clip.truths) == len(wholes)
    assert np.array_equal(clip.truths[-1].masks_thw, wholes[-1].masks_thw)
    assert (tmp_path / "scene_3.mp4").stat().st_size > 0
