"""Points that are moved, and masks made by hand: kept as they were made, and taken back."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from sam2_session.core.png import is_grey
from sam2_session.settings import Settings
from tests.annotating import (
    BODY,
    DISC,
    SIZE,
    Annotator,
    annotating,
    mask_array,
    mask_bytes,
    points_json,
)


def drawn(draw: Any = lambda image: None) -> tuple[bytes, Any]:
    image = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    draw(image)
    return cv2.imencode(".png", image)[1].tobytes(), image


def overlap(one: Any, other: Any) -> float:
    return float((one & other).astype(bool).sum() / (one | other).astype(bool).sum())


def test_a_moved_point_gives_the_mask_of_a_click_there(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *DISC)
    there = mask_bytes(settings, 0)
    ada.act("clear_frame", 0)
    ada.click(0, 5.25, 90.5)
    ada.act("move_point", 0, point_idx=0, x=DISC[0], y=DISC[1])

    assert mask_bytes(settings, 0) == there
    assert points_json(settings)["frames"][0]["points"][0]["x"] == DISC[0]


def test_one_undo_puts_a_moved_point_back(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY, label=1)
    ada.click(0, 100.5, 80.25, label=0)
    before = mask_bytes(settings, 0)

    ada.act("move_point", 0, point_idx=1, x=20, y=40)
    moved = points_json(settings)["frames"][0]["points"]
    ada.act("undo", 0)

    assert [(p["x"], p["y"], p["label"]) for p in moved] == [(30, 30, 1), (20, 40, 0)]
    assert mask_bytes(settings, 0) == before


@pytest.mark.parametrize(
    "data", [{"point_idx": 3, "x": 1, "y": 1}, {"point_idx": 0, "x": 9e9, "y": 1}]
)
def test_a_point_is_not_moved_to_nowhere(ada: Annotator, data: dict[str, Any]) -> None:
    ada.click(0, *BODY)

    ack = ada.act("move_point", 0, **data)

    assert (ack["status"], ack["error"]["code"]) == ("rejected", "invalid_prompt")


def test_a_mask_made_by_hand_is_kept_pixel_by_pixel(ada: Annotator, settings: Settings) -> None:
    png, image = drawn(lambda image: cv2.line(image, (3, 3), (150, 90), 255, 1))

    ada.act("set_mask", 0, mask=png)

    assert np.array_equal(mask_array(settings, 0), image)
    sent = np.frombuffer(ada.of("mask")[-1]["png"], np.uint8)
    assert np.array_equal(cv2.imdecode(sent, cv2.IMREAD_GRAYSCALE), image)


def test_undo_of_a_mask_made_by_hand_brings_points_and_mask_back(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    before = mask_bytes(settings, 0)
    ada.act("set_mask", 0, mask=drawn(lambda image: cv2.circle(image, (80, 50), 9, 255, -1))[0])
    painted = mask_bytes(settings, 0)

    ada.act("undo", 0)
    back = mask_bytes(settings, 0)
    ada.act("redo", 0)

    assert (back, mask_bytes(settings, 0)) == (before, painted)


def test_a_click_refines_the_painted_mask_and_undo_brings_it_back(
    ada: Annotator, settings: Settings
) -> None:
    png, image = drawn(lambda image: cv2.circle(image, (80, 50), 25, 255, -1))
    ada.click(0, 80, 50)
    alone = mask_array(settings, 0)
    ada.act("set_mask", 0, mask=png)
    painted = mask_bytes(settings, 0)
    ada.click(0, 80, 50)
    refined = mask_array(settings, 0)
    ada.act("undo", 0)

    assert overlap(refined, image) > overlap(alone, image) + 0.1
    assert mask_bytes(settings, 0) == painted


def test_after_a_restart_undo_still_brings_the_painted_mask_back(
    ada: Annotator, settings: Settings
) -> None:
    ada.act("set_mask", 0, mask=drawn(lambda image: cv2.circle(image, (80, 50), 9, 255, -1))[0])
    painted = mask_bytes(settings, 0)
    ada.act("set_box", 0, box=[10, 10, 60, 50])
    ada.services.close()

    with annotating(settings, first_seq=50) as again:
        again.open()
        again.act("undo", 0)
        assert mask_bytes(settings, 0) == painted


def test_an_empty_mask_says_that_the_object_is_not_there(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)

    ada.act("set_mask", 0, mask=drawn()[0])

    assert not mask_array(settings, 0).any()
    assert ada.of("mask_saved")[-1]["score"] < 0


def test_a_run_starts_from_a_mask_made_by_hand_and_leaves_it(
    ada: Annotator, settings: Settings
) -> None:
    png, image = drawn(lambda image: cv2.rectangle(image, (10, 12), (60, 48), 255, -1))
    ada.act("set_mask", 0, mask=png)

    ada.propagate(direction="forward")

    assert np.array_equal(mask_array(settings, 0), image)
    assert mask_array(settings, 3)[30, 40] == 255
    assert mask_array(settings, 3)[85, 5] == 0


def test_a_mask_that_another_program_wrote_in_colour_is_sent_in_grey(
    ada: Annotator, settings: Settings
) -> None:
    png, image = drawn(lambda image: cv2.circle(image, (60, 50), 20, 255, -1))
    ada.act("set_mask", 0, mask=png)
    path = settings.outputs_dir / "clip/instance1/masks_overall/00001.png"
    path.write_bytes(cv2.imencode(".png", np.dstack([image] * 3))[1].tobytes())

    answer = ada.call("read_mask", video_id="clip", instance_id=1, region="overall", frame_idx=0)

    assert is_grey(answer["data"])
    sent = cv2.imdecode(np.frombuffer(answer["data"], np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(sent, image)
