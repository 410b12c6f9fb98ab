"""Numbers from outside are read with bounds, and the monstrous ones in no time."""

from __future__ import annotations

from fractions import Fraction

import pytest

from sam2_session.core.numbers import count_of, rate_of, time_base_of

MONSTERS = ["1e2000000000", "1e-400", "1" * 5000, 10**400, 1e300, 5e-324, "1/" + "9" * 30]
NONSENSE = [None, True, "", "abc", "nan", "inf", float("nan"), float("inf"), [], {}, "1/0", -25]


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        (25, Fraction(25)),
        (29.97, Fraction(2997, 100)),
        ("30000/1001", Fraction(30000, 1001)),
        ("1000", Fraction(1000)),
        ("1/86400", Fraction(1, 86_400)),
        (Fraction(24), Fraction(24)),
    ],
)
def test_a_rate_is_read_exactly(value: object, rate: Fraction) -> None:
    assert rate_of(value) == rate


@pytest.mark.parametrize("value", [*MONSTERS, *NONSENSE, 0, "-1", "1000.001", "1/86401"])
def test_a_rate_out_of_bounds_is_none(value: object) -> None:
    assert rate_of(value) is None


@pytest.mark.parametrize("value", [*MONSTERS, *NONSENSE, 0])
def test_a_time_base_out_of_bounds_is_none(value: object) -> None:
    assert time_base_of(value) is None


def test_a_time_base_is_read_exactly() -> None:
    assert time_base_of("1/90000") == Fraction(1, 90_000)


@pytest.mark.parametrize("value", [-1, 11, 3.0, "3", True, None])
def test_a_count_is_a_whole_number_within_its_bound(value: object) -> None:
    assert count_of(value, most=10) is None
    assert (count_of(0, most=10), count_of(10, most=10)) == (0, 10)
