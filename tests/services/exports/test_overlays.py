"""A frame with its masks drawn over it: colours, choice of pairs, prompts and width."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import FrameNotFound, InstanceNotFound, InvalidRequest
from sam2_session.formats.rendered.overlay_drawing import POSITIVE, rgb_of
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, mask_array


def drawn(ada: Annotator, operation: str = "read_overlay_png", **fields: Any) -> Any:
    """The overlay of the first frame, as rgb_hwc."""
    answer = ada.call(operation, video_id="clip", **{"frame_idx": 0, **fields})
    image = cv2.imdecode(np.frombuffer(answer["data"], np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image[..., ::-1].astype(int)


@pytest.fixture
def two(ada: Annotator) -> Annotator:
    """Two objects with a mask on the first frame."""
    ada.call("create_instance", video_id="clip")
    ada.click(0, *BODY)
    ada.click(0, *DISC, instance_id=2)
    return ada


def colour_of(ada: Annotator, instance_id: int) -> Any:
    rows = ada.call("list_instances", video_id="clip")["instances"]
    colour = next(row["colour"] for row in rows if row["instance_id"] == instance_id)
    return np.asarray(rgb_of(colour))


def test_a_mask_is_tinted_to_the_pixel_and_the_rest_stays(
    two: Annotator, settings: Settings
) -> None:
    frame = drawn(two, opacity=0, outline=False)
    mask = mask_array(settings, 0) > 0

    overlay = drawn(two, pairs="1/overall", opacity=0.5, outline=False)

    wanted = np.rint(frame[mask] * 0.5 + colour_of(two, 1) * 0.5)
    assert (overlay[mask] == wanted).all()
    assert (overlay[~mask] == frame[~mask]).all()


def test_the_outline_has_the_full_colour(two: Annotator, settings: Settings) -> None:
    overlay = drawn(two, pairs="1/overall", opacity=0)

    full = (overlay == colour_of(two, 1)).all(axis=2)
    assert full.any()
    assert (mask_array(settings, 0)[full] > 0).all()


def test_hidden_instances_are_left_out_unless_they_are_named(two: Annotator) -> None:
    whole, first = drawn(two), drawn(two, pairs="1/overall")
    assert (whole != first).any()

    two.call("update_instance", video_id="clip", instance_id=2, hidden=True)

    assert (drawn(two) == first).all()
    assert (drawn(two, pairs="1/overall,2/overall") == whole).all()


def test_prompts_are_drawn_if_wished(two: Annotator) -> None:
    x, y = int(BODY[0]), int(BODY[1])

    assert tuple(drawn(two, prompts=True)[y, x]) == POSITIVE
    assert tuple(drawn(two)[y, x]) != POSITIVE


def test_width_scales_down_and_never_up(two: Annotator) -> None:
    assert drawn(two, width=80).shape == (48, 80, 3)
    assert drawn(two, width=800).shape == (96, 160, 3)


def test_a_jpeg_shows_the_same(two: Annotator) -> None:
    difference = np.abs(drawn(two, "read_overlay_jpeg") - drawn(two))

    assert difference.mean() < 6


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"pairs": "1-overall"}, InvalidRequest),
        ({"pairs": "7/overall"}, InstanceNotFound),
        ({"opacity": 1.5}, InvalidRequest),
        ({"width": 0}, InvalidRequest),
        ({"frame_idx": 99}, FrameNotFound),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    ada: Annotator, fields: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        drawn(ada, **fields)
