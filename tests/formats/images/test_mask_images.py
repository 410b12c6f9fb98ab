from __future__ import annotations

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import InvalidPrompt, InvalidRequest
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.formats.images.mask_images import decode_mask, encode_rgba

MASK = np.asarray(np.random.default_rng(2).random((20, 30)) < 0.5)


@pytest.mark.parametrize("encode", [encode_gray8, encode_bits])
def test_our_own_masks_are_read_back(encode: object) -> None:
    assert np.array_equal(decode_mask(encode(MASK), (20, 30)), MASK)  # type: ignore[operator]


def test_a_mask_of_0_and_1_is_no_empty_mask() -> None:
    png = cv2.imencode(".png", MASK.astype(np.uint8))[1].tobytes()

    assert np.array_equal(decode_mask(png, (20, 30)), MASK)


@pytest.mark.parametrize(
    ("png", "reason"),
    [
        (b"", "not a PNG"),
        (b"GIF89a" + b"\0" * 40, "not a PNG"),
        (encode_gray8(MASK)[:-30], "broken"),
        (encode_gray8(MASK.T), "20x30"),
        (encode_gray8(MASK)[:16] + b"\x7f\xff\xff\xff" * 2 + b"\0" * 40, "2147483647"),
    ],
)
def test_what_is_no_mask_of_this_video_is_refused(png: bytes, reason: str) -> None:
    with pytest.raises(InvalidPrompt, match=reason):
        decode_mask(png, (20, 30))


def test_a_tinted_mask_is_transparent_where_it_is_not() -> None:
    png = encode_rgba(MASK, "#ff8000", 0.5)

    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(image[..., 3] > 0, MASK)
    assert image[MASK][0].tolist() == [0, 128, 255, 128]


@pytest.mark.parametrize(("colour", "alpha"), [("red", 1), ("#12345", 1), ("ffffff", 1.5)])
def test_a_wrong_colour_is_refused(colour: str, alpha: float) -> None:
    with pytest.raises(InvalidRequest):
        encode_rgba(MASK, colour, alpha)
