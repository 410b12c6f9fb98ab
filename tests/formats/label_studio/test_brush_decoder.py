"""Label Studio's brush stream, read against streams written by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import InvalidPrompt
from sam2_session.formats.label_studio.brush_decoder import decode_brush, unpack
from tests.formats.label_studio.brush_streams import brush_of, encode


def test_runs_and_literal_words_come_back_as_they_were() -> None:
    values = np.array([7, 7, 7, 1, 2, 3, 255, 255, 0, 0, 0, 0], np.uint8)

    for literal_up_to in (0, 1, 5):
        assert np.array_equal(
            unpack(bytes(encode(values, literal_up_to=literal_up_to)), 12), values
        )


def test_noise_comes_back_as_it_was() -> None:
    values = np.random.default_rng(2).integers(0, 256, 5000).astype(np.uint8)

    assert np.array_equal(unpack(bytes(encode(values, literal_up_to=2)), 5000), values)


def test_a_run_longer_than_its_largest_field_goes_on_in_the_next() -> None:
    mask = np.zeros((300, 400), np.bool_)
    mask[1:299, :] = True  # 476 800 equal values, seven times 65 536

    assert np.array_equal(decode_brush(brush_of(mask), (300, 400)), mask)


def test_a_single_pixel_is_found_where_it_was() -> None:
    mask = np.zeros((5, 9), np.bool_)
    mask[3, 7] = True

    assert np.argwhere(decode_brush(brush_of(mask), (5, 9))).tolist() == [[3, 7]]


@pytest.mark.parametrize(("alpha", "inside"), [(127, 0), (128, 4), (255, 4)])
def test_the_antialiased_edge_is_cut_in_the_middle(alpha: int, inside: int) -> None:
    found = decode_brush(brush_of(np.ones((2, 2), np.bool_), alpha), (2, 2))

    assert np.count_nonzero(found) == inside


def test_only_alpha_counts() -> None:
    rgba = np.array([[255, 255, 255, 0], [0, 0, 0, 255]], np.uint8).ravel()

    assert decode_brush(encode(rgba), (1, 2)).tolist() == [[False, True]]


def test_a_brush_of_another_size_is_refused_with_both_counts() -> None:
    rle = brush_of(np.ones((4, 4), np.bool_))

    with pytest.raises(InvalidPrompt, match=r"64 values; 5x4 pixels need 80"):
        decode_brush(rle, (4, 5))


@pytest.mark.parametrize("keep", [0, 3, 7, 8, -1])
def test_a_stream_that_ends_early_is_refused(keep: int) -> None:
    values = np.arange(64, dtype=np.uint8)

    with pytest.raises(InvalidPrompt, match="ends early"):
        decode_brush(encode(values, literal_up_to=1)[:keep], (4, 4))


@pytest.mark.parametrize("rle", [[256], [-1], [1.5], ["1"], [None], [0, 0, 0, 64, "x"]])
def test_what_is_no_stream_is_refused(rle: list[Any]) -> None:
    with pytest.raises(InvalidPrompt):
        decode_brush(rle, (4, 4))


@pytest.mark.parametrize("size_hw", [(0, 4), (4, -1), (10**6, 10**6)])
def test_sizes_that_no_mask_has_are_refused_before_any_memory_is_taken(
    size_hw: tuple[int, int],
) -> None:
    with pytest.raises(InvalidPrompt, match="cannot be"):
        decode_brush([0] * 20, size_hw)


def test_random_bytes_never_do_worse_than_a_refusal() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        rle = [0, 0, 0, 64, *rng.integers(0, 256, 40).tolist()]
        try:
            decode_brush(rle, (4, 4))
        except InvalidPrompt:
            continue


def test_the_sdk_reads_and_writes_the_same() -> None:
    brush = pytest.importorskip(
        "label_studio_sdk.converter.brush", reason="71 packages; installed only for this"
    )
    mask = np.random.default_rng(1).random((48, 64)) > 0.5

    assert np.array_equal(decode_brush(brush.mask2rle(mask.astype(np.uint8) * 255), (48, 64)), mask)
    alpha = brush.decode_rle(brush_of(mask)).reshape(48, 64, 4)[:, :, 3]
    assert np.array_equal(alpha > 127, mask)
