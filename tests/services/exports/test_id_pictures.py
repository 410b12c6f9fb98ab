"""All masks of a frame in one picture of numbers: which one is on top, and what they mean."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sam2_session.core.errors import FrameNotFound, InstanceNotFound, InvalidRequest
from sam2_session.core.png import encode_gray8
from sam2_session.formats.images.label_pictures import read_picture
from sam2_session.formats.png_masks.id_pictures import encode_ids, paint_ids
from tests.annotating import BODY, DISC, SIZE, Annotator
from tests.formats.drawn_source import PAIRS


def picture(ada: Annotator, **fields: Any) -> Any:
    """The numbers of the first frame, as int32 (H, W)."""
    answer = ada.call("read_ids", video_id="clip", **{"frame_idx": 0, **fields})
    assert answer["content_type"] == "image/png"
    return read_picture(answer["data"]).labels_hw


def table(ada: Annotator, **fields: Any) -> Any:
    return ada.call("list_ids", video_id="clip", **{"frame_idx": 0, **fields})


def put(ada: Annotator, instance_id: int, region: str, rows: slice) -> None:
    """Draw a band over the whole width."""
    mask_hw = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    mask_hw[rows] = True
    png = encode_gray8(mask_hw)
    assert ada.act("set_mask", 0, region=region, instance_id=instance_id, mask=png)["rev"]


@pytest.fixture
def three(ada: Annotator) -> Annotator:
    """Bands that overlap: two regions of one instance, and a whole second instance."""
    ada.call("create_instance", video_id="clip", name="other")
    put(ada, 1, "shaft", slice(0, 20))
    put(ada, 1, "overall", slice(10, 40))
    put(ada, 2, "overall", slice(30, 60))
    return ada


def test_the_number_of_a_pixel_is_that_of_the_pair_on_top(three: Annotator) -> None:
    numbers = {(row["instance_id"], row["region"]): row for row in table(three)["numbers"]}
    whole, shaft, other = (
        numbers[pair]["number"] for pair in ((1, "overall"), (1, "shaft"), (2, "overall"))
    )
    assert sorted((whole, shaft, other)) == [1, 2, 3]

    ids = picture(three)

    assert ids.shape == (SIZE[1], SIZE[0])
    wanted = np.zeros(SIZE[1], int)
    wanted[:20], wanted[20:30], wanted[30:60] = shaft, whole, other
    assert (ids == wanted[:, None]).all()
    assert numbers[1, "overall"]["mask"]["area"] == 30 * SIZE[0]


def test_by_instance_the_number_is_its_id_and_the_palette_its_colour(three: Annotator) -> None:
    ids = picture(three, ids="instance")
    png = three.call("read_ids", video_id="clip", frame_idx=0, ids="instance")["data"]

    assert (ids[:30] == 1).all()
    assert (ids[30:60] == 2).all()
    rows = table(three, ids="instance")["numbers"]
    assert {(row["number"], row["instance_id"]) for row in rows} == {(1, 1), (2, 2)}
    with Image.open(io.BytesIO(png)) as image:
        assert image.mode == "P"
        colour = bytes(image.convert("RGB").getpixel((5, 50)))  # type: ignore[arg-type]
    assert colour.hex() == next(row["colour"] for row in rows if row["number"] == 2)[1:]


def test_a_pair_keeps_its_number_on_a_frame_without_its_mask(two: Annotator) -> None:
    everywhere, later = table(two), table(two, frame_idx=5)

    assert [row["mask"] is None for row in later["numbers"]] == [True, True]
    without_masks = [{**row, "mask": None} for row in everywhere["numbers"]]
    assert without_masks == later["numbers"]
    assert not picture(two, frame_idx=5).any()


def test_hidden_instances_are_left_out_unless_they_are_named(two: Annotator) -> None:
    two.call("update_instance", video_id="clip", instance_id=2, hidden=True)

    assert [row["instance_id"] for row in table(two)["numbers"]] == [1]
    named = table(two, pairs="1/overall,2/overall")
    assert [row["hidden"] for row in named["numbers"]] == [False, True]
    assert set(np.unique(picture(two, pairs="2/overall"))) == {0, 1}


@pytest.fixture
def two(ada: Annotator) -> Annotator:
    """Two objects with a mask on the first frame."""
    ada.call("create_instance", video_id="clip")
    ada.click(0, *BODY)
    ada.click(0, *DISC, instance_id=2)
    return ada


def test_numbers_over_255_are_grey_of_16_bits() -> None:
    mask_hw = np.eye(4, dtype=np.bool_)
    numbers = {PAIRS[0]: 256}

    png = encode_ids(paint_ids([(PAIRS[0], mask_hw)], numbers, (4, 4)), numbers)

    read = read_picture(png)
    assert not read.is_indexed
    assert (read.labels_hw == 256 * mask_hw).all()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"pairs": "1-overall"}, InvalidRequest),
        ({"pairs": "7/overall"}, InstanceNotFound),
        ({"ids": "colour"}, InvalidRequest),
        ({"frame_idx": 99}, FrameNotFound),
    ],
)
def test_what_cannot_be_numbered_is_refused(
    ada: Annotator, fields: dict[str, Any], error: type[Exception]
) -> None:
    for read in (picture, table):
        with pytest.raises(error):
            read(ada, **fields)
