"""Names are sorted as people expect, with negative numbers where there are any."""

from __future__ import annotations

import pytest

from sam2_session.formats.importing.file_tree import natural_order


@pytest.mark.parametrize(
    "ordered",
    [
        ["-10.png", "-2.png", "0.png", "3.png"],
        ["t_-2.png", "t_-1.png", "t_0.png", "t_10.png"],
        ["shot-1.png", "shot-2.png", "shot-10.png"],
        ["-1.png", "-2.png", "-10.png"],  # all have it: a dash like any other
        ["2020-01-05.png", "2020-01-06.png"],
        ["f9", "F10", "f11"],
        ["a2", "a10", "a٣"],  # digits of other scripts are letters
    ],
)
def test_numbers_count_by_their_value(ordered: list[str]) -> None:
    assert natural_order(list(reversed(ordered))) == ordered
