"""Columns of a table are packed without loss."""

from __future__ import annotations

import pytest

from sam2_session.core.columns import runs_of, spans_of, steps_of


def test_equal_neighbours_are_counted() -> None:
    assert runs_of(["a", "a", "b", "a"]) == ["a", 2, "b", 1, "a", 1]
    assert runs_of([]) == []


@pytest.mark.parametrize(
    ("frames", "spans"),
    [
        ([], []),
        ([4], [[4, 4]]),
        ([0, 1, 2], [[0, 2]]),
        ([0, 2, 3, 7], [[0, 0], [2, 3], [7, 7]]),
    ],
)
def test_frames_are_spans_with_both_ends(frames: list[int], spans: list[list[int]]) -> None:
    assert spans_of(frames) == spans


def test_numbers_are_steps_from_zero() -> None:
    assert steps_of([5, 7, 4]) == [5, 2, -3]
    assert steps_of([]) == []
