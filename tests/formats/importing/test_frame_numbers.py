"""Frame numbers are read from file names and shifted to count from 0."""

from __future__ import annotations

import pytest

from sam2_session.formats.importing.file_names import base_name
from sam2_session.formats.importing.frame_numbers import number_in, numbers_of, offset_of


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("/data/upload/3/1a2b3c4d-00012.png?x=1", "00012.png"),
        ("C:\\frames\\00012.png", "00012.png"),
        ("frame.png#12", "frame.png"),
    ],
)
def test_a_url_is_cut_to_its_file_name(url: str, name: str) -> None:
    assert base_name(url) == name


@pytest.mark.parametrize(
    ("name", "number"),
    [("take2_00012.png", 12), ("00012", 12), ("frame.mp4", None), ("1234567890.png", None)],
)
def test_the_last_number_before_the_suffix_counts(name: str, number: int | None) -> None:
    assert number_in(name) == number


@pytest.mark.parametrize(
    ("stems", "numbers"),
    [
        (("a1b2", "c3d4"), None),
        (("3f9c07", "9ab2e1"), None),
        (("train_0001", "val_0002"), [1, 2]),
        (("7_b", "left_8_b"), [7, 8]),
    ],
)
def test_digits_among_letters_as_in_a_hash_count_nothing(
    stems: tuple[str, ...], numbers: list[int] | None
) -> None:
    found = numbers_of(stems, num_frames=40)

    assert (found and sorted(found.values())) == numbers


@pytest.mark.parametrize(
    ("numbers", "offset"), [([1, 2], -1), ([2, 4], -1), ([0, 4], 0), ([2, 3], 0), ([], 0)]
)
def test_numbers_from_1_or_up_to_the_last_frame_count_from_1(
    numbers: list[int], offset: int
) -> None:
    assert offset_of(numbers, num_frames=4) == offset
