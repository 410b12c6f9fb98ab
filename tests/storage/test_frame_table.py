"""Exact frame times stay unchanged; only missing ones are filled in."""

from fractions import Fraction

import pytest

from sam2_session.core.numbers import is_rate
from sam2_session.storage.frame_table import FrameTable, build_table, increasing, source_numbers


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([5, 7, 20], (5, 7, 20)),  # exact
        ([1, 3, 4, 2], (1, 2, 3, 4)),  # numbered as packed, shown in another order
        ([None, None, None], (0, 10, 20)),
        ([0, None, 20], (0, 10, 20)),
        ([0, 0, 5], (0, 1, 5)),  # two at one time
        ([], ()),
    ],
)
def test_times_increase(given: list[int | None], expected: tuple[int, ...]) -> None:
    assert increasing(given, step=10) == expected


@pytest.mark.parametrize(
    ("time_base", "rate", "expected"),
    [
        (Fraction(1, 1000), Fraction(30), (0, 33, 66)),
        (Fraction(1, 90_000), Fraction(30), (0, 3000, 6000)),
        (Fraction(1, 1000), Fraction(25), (0, 40, 80)),
        (Fraction(1, 10), Fraction(30), (0, 1, 2)),  # no two frames at one time
    ],
)
def test_times_that_are_not_stored_follow_the_rate(
    time_base: Fraction, rate: Fraction, expected: tuple[int, ...]
) -> None:
    assert build_table([None] * 3, [], time_base=time_base, rate=rate).pts == expected


@pytest.mark.parametrize(
    ("time_base", "expected"),
    [
        (Fraction(2**32 - 1), Fraction(1, 30)),  # 136 years a frame
        (Fraction(1, 10**6), Fraction(1, 30)),  # a million frames a second
        (Fraction(1, 500), Fraction(1, 500)),
        (Fraction(3600), Fraction(3600)),
    ],
)
def test_times_that_make_no_sense_become_even(time_base: Fraction, expected: Fraction) -> None:
    table = build_table([0, 1, 2], [0, 1, 2], time_base=time_base, rate=Fraction(30))

    assert (table.time_base, table.pts) == (expected, (0, 1, 2))
    assert is_rate(table.rate(Fraction(30)))


def test_a_frame_that_is_missing_leaves_a_gap_in_the_source_numbers() -> None:
    assert source_numbers([0, 20, 30], [0, 20, 10, 30]) == (0, 2, 3)


def test_times_that_fit_no_packet_are_numbered_in_order() -> None:
    assert source_numbers([0, 11, 20], [0, 10, 20]) == (0, 1, 2)


def test_seconds_count_from_the_first_frame() -> None:
    table = build_table([90, 93], [90, 93], time_base=Fraction(1, 90), rate=Fraction(30))

    assert table.to_wire() == [
        {"frame_idx": 0, "pts": 90, "time_s": 0.0, "source_time_s": 0.0, "source_number": 0},
        {
            "frame_idx": 1,
            "pts": 93,
            "time_s": 0.033333,
            "source_time_s": 0.033333,
            "source_number": 1,
        },
    ]


@pytest.mark.parametrize(
    ("pts", "expected"),
    [
        ((0, 33, 67, 100), Fraction(30)),  # rounded to milliseconds
        ((0, 33, 67, 500), Fraction(6)),  # uneven
        ((0,), Fraction(30)),
    ],
)
def test_the_rate_is_the_nominal_one_unless_the_times_say_otherwise(
    pts: tuple[int, ...], expected: Fraction
) -> None:
    assert FrameTable(Fraction(1, 1000), pts, tuple(range(len(pts)))).rate(Fraction(30)) == expected
