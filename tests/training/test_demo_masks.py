"""The demo model on the demo clip, through sam2's own predictor, as a newcomer sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from sam2.build_sam import build_sam2_video_predictor

from sam2_session.models.registry import Registry
from tests.import_graph import ROOT
from training.clips import DEMO, REGIONS, BoolMasks, ClipSpec, click_in, make_clip

FIRST = ClipSpec(DEMO.seed, 1, DEMO.size_hw)
PARTS = [(tool, region) for tool in (0, 1) for region in REGIONS[1:]]


@pytest.fixture(scope="module")
def predictor() -> Any:
    spec = Registry.load(ROOT / "configs").default
    assert spec.own_config is not None
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(spec.own_config.parent), version_base="1.2"):
        predictor = build_sam2_video_predictor(
            spec.own_config.name, str(ROOT / "checkpoints" / spec.checkpoint), device="cpu"
        )
    predictor.fill_hole_area = 0  # needs sam2's CUDA extension
    return predictor


@pytest.fixture
def state(predictor: Any, tmp_path: Path) -> Any:
    frame_rgb_hwc = make_clip(FIRST).frames_thwc[0]
    cv2.imwrite(str(tmp_path / "00000.jpg"), frame_rgb_hwc[..., ::-1])
    return predictor.init_state(str(tmp_path))


def test_two_clicks_find_every_part(predictor: Any, state: Any) -> None:
    truths = [make_clip(FIRST).mask_hw(0, tool, region) for tool, region in PARTS]

    ious = [iou(two_clicks(predictor, state, truth), truth) for truth in truths]

    assert min(ious) > 0.65
    assert np.mean(ious) > 0.8


def two_clicks(predictor: Any, state: Any, truth_hw: BoolMasks) -> BoolMasks:
    """Click in the middle, then in the middle of the larger error."""
    first = click_in(truth_hw)
    mask_hw = ask(predictor, state, [first], [1])
    missing, extra = truth_hw & ~mask_hw, mask_hw & ~truth_hw
    label = int(missing.sum() >= extra.sum())
    return ask(predictor, state, [first, click_in(missing if label else extra)], [1, label])


def ask(
    predictor: Any, state: Any, points: list[tuple[float, float]], labels: list[int]
) -> BoolMasks:
    _, _, logits_n1hw = predictor.add_new_points_or_box(
        state, 0, obj_id=1, points=np.array(points, np.float32), labels=np.array(labels, np.int32)
    )
    if len(points) == 2:
        predictor.reset_state(state)
    return np.asarray(logits_n1hw[0, 0].numpy() > 0)


def iou(one: BoolMasks, other: BoolMasks) -> float:
    return float((one & other).sum() / (one | other).sum())
