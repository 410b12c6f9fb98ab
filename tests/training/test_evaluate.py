from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.training.davis import write_clip
from training.clips import REGIONS, BoolMasks, Clip, ClipSpec, make_clip
from training.evaluate import evaluate, load_predictor, main, weights_of
from training.scores import Scores
from training.sources import EvalClip, Truth
from training.trial import Track, Verdict

KEYS = ["iou_1", "iou_2", "iou_3", "iou_5", "iou_box", "jf_1", "jf_3", "jf_box", "jf_mask"]
EMPTY: BoolMasks = np.zeros((30, 30), np.bool_)
FULL: BoolMasks = np.ones((30, 30), np.bool_)


@pytest.fixture(scope="module")
def predictor() -> Any:
    return load_predictor(weights_of(), "cpu")


@pytest.fixture(scope="module")
def tools() -> Clip:
    return make_clip(ClipSpec(seed=14, num_frames=4, size_hw=(96, 128)))


@pytest.fixture(scope="module")
def scores(predictor: Any, tools: Clip) -> Scores:
    return evaluate(predictor, [clip_of(tools)])


def clip_of(tools: Clip) -> EvalClip:
    """A shaft, and a wrist that is declared gone from frame 2 on."""
    shaft, wrist = (tools.masks_thw(0, region) for region in REGIONS[1:3])
    wrist = wrist.copy()
    wrist[2:] = False
    return EvalClip("tools", tools.frames_thwc, (Truth("shaft", shaft), Truth("wrist", wrist)))


def test_every_figure_is_there_and_a_share(scores: Scores) -> None:
    assert list(scores.figures) == [*KEYS, "absent_acc"]
    assert all(0 <= figure <= 1 for figure in scores.figures.values())


def test_the_demo_model_finds_a_shaft(scores: Scores) -> None:
    shaft = scores.results[0]

    assert shaft.ious[3] > 0.6
    assert shaft.tracks["mask"].jf > 0.6


def test_the_same_clips_give_the_same_scores(scores: Scores, predictor: Any, tools: Clip) -> None:
    again = evaluate(predictor, [clip_of(tools)])

    assert again == scores


def test_targets_of_a_clip_do_not_influence_each_other(
    scores: Scores, predictor: Any, tools: Clip
) -> None:
    clip = clip_of(tools)

    alone = evaluate(predictor, [EvalClip(clip.name, clip.frames, clip.truths[1:])])

    assert alone.results[0] == scores.results[1]


def test_absence_is_counted_apart_from_presence(scores: Scores) -> None:
    presence = scores.presence

    assert [presence.frames_absent, presence.frames_present] == [2, 4]
    assert presence.right == pytest.approx((presence.right_absent + presence.right_present) / 6)
    assert presence.as_json()["right_when_absent"] == presence.right_absent / 2


def test_a_track_without_its_target_is_right_when_empty() -> None:
    left = Track.of([Verdict.on(FULL, FULL), Verdict.on(EMPTY, EMPTY), Verdict.on(FULL, EMPTY)])

    assert left.region_j == pytest.approx(2 / 3)
    assert [left.right_present, left.right_absent] == [1, 1]


def test_nothing_to_judge_is_an_error(predictor: Any) -> None:
    with pytest.raises(ValueError, match="hold no target"):
        evaluate(predictor, [])


def test_the_command_writes_the_figures_and_a_sheet(tools: Clip, tmp_path: Path) -> None:
    ids = np.where(tools.masks_thw(0, "shaft"), 1, 0).astype(np.uint8)
    write_clip(tmp_path / "davis", "shaft", ids, mode="P")
    figures, sheet = tmp_path / "out" / "figures.json", tmp_path / "out" / "sheet.png"

    main(["--davis", f"{tmp_path}/davis", "--json", str(figures), "--sheet", str(sheet)])

    document = json.loads(figures.read_text(encoding="utf-8"))
    assert list(document) == [*KEYS, "absent_acc", "details"]
    assert document["details"]["kinds"]["object"]["targets"] == 1
    assert len(document["details"]["checkpoint"]["sha256"]) == 64
    with Image.open(sheet) as picture:
        assert picture.size == (5 * 256, 256 + 2 * 18 + 4)


def test_the_command_says_what_is_wrong_with_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="Name the folder that holds JPEGImages"):
        main(["--davis", str(tmp_path)])


def test_a_checkpoint_in_the_table_of_models_has_its_own_configuration() -> None:
    official = weights_of(Path("elsewhere/sam2.1_hiera_tiny.pt"))

    assert official.config == Path("configs/sam2.1/sam2.1_hiera_t.yaml")
    assert weights_of(Path("mine.pt")).config == weights_of().config
