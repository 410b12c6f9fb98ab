from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8, has_whole_chunks, is_grey
from sam2_session.core.types import BoolMask

SIZES = [(1, 1), (1, 9), (7, 8), (48, 65), (90, 160)]


def random_mask(size_hw: tuple[int, int]) -> BoolMask:
    return np.asarray(np.random.default_rng(5).random(size_hw) < 0.3)


@pytest.mark.parametrize("size_hw", SIZES)
@pytest.mark.parametrize("encode", [encode_gray8, encode_bits])
def test_every_reader_finds_0_and_255(
    encode: Callable[[BoolMask], bytes], size_hw: tuple[int, int]
) -> None:
    mask = random_mask(size_hw)
    png = encode(mask)

    by_cv2 = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    by_pil = np.asarray(Image.open(io.BytesIO(png)).convert("L"))

    assert np.array_equal(by_cv2, mask * 255)
    assert np.array_equal(by_pil, mask * 255)


def test_a_file_reads_as_0_and_255_without_any_conversion() -> None:
    image = Image.open(io.BytesIO(encode_gray8(random_mask((48, 65)))))

    assert image.mode == "L"
    assert set(np.unique(np.asarray(image))) == {0, 255}


def test_the_wire_gets_one_bit_per_pixel() -> None:
    assert Image.open(io.BytesIO(encode_bits(random_mask((48, 65))))).mode == "1"


@pytest.mark.parametrize("encode", [encode_gray8, encode_bits])
def test_a_mask_takes_a_few_bytes_a_row(encode: Callable[[BoolMask], bytes]) -> None:
    rows, columns = np.mgrid[:1080, :1920]
    disk = np.asarray(np.hypot(rows - 500, columns - 900) < 300)

    assert len(encode(disk)) < 4 * len(disk)
    assert len(encode(np.zeros_like(disk))) < 2 * len(disk)


def test_files_of_other_programs_are_told_from_ours() -> None:
    mask = random_mask((7, 8))
    colour = cv2.imencode(".png", np.zeros((7, 8, 3), np.uint8))[1].tobytes()
    with_palette = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8)).convert("P").save(with_palette, "png")

    assert is_grey(encode_gray8(mask))
    assert is_grey(encode_bits(mask))
    assert not any(map(is_grey, (colour, with_palette.getvalue(), b"", encode_bits(mask)[:20])))


def test_facts_of_a_mask() -> None:
    mask = np.zeros((20, 30), bool)
    mask[4:9, 10:13] = True

    facts = mask_facts(mask)

    assert facts.to_wire() == {"area": 15, "box": [10, 4, 13, 9]}


def test_an_empty_mask_has_no_box() -> None:
    assert mask_facts(np.zeros((20, 30), bool)).to_wire() == {"area": 0, "box": None}


def test_a_png_is_whole_up_to_its_last_chunk() -> None:
    png = encode_gray8(np.ones((3, 4), np.bool_))

    assert has_whole_chunks(png)
    assert has_whole_chunks(png + b"text behind the last chunk, which decoders never read")
    assert not has_whole_chunks(png[:-13])
    assert has_whole_chunks(png[:-12])  # no chunk is cut: the last one is not there


def test_a_chunk_that_claims_more_than_the_file_holds_is_found() -> None:
    png = bytearray(encode_gray8(np.ones((3, 4), np.bool_)))
    png[33:37] = (2**31).to_bytes(4, "big")

    assert not has_whole_chunks(bytes(png))
