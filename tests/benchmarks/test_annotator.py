"""The tables of an annotator's effort: what counts, and when a bar is missed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.annotator_clips import Clip
from benchmarks.annotator_report import report, worked_whole
from benchmarks.annotator_rows import keep_row, kept_rows
from benchmarks.annotator_work import Cost, Effort


def effort(way: str, visits: int, *, reached: bool = True) -> Effort:
    cost = Cost(visits, 2 * visits, 10 * visits, float(visits))
    return Effort("alike", way, cost, cost if reached else None, cost if reached else None)


def test_bars_are_met_by_fewer_visits_than_a_stride_and_few_more_than_the_oracle() -> None:
    text, missed = report([effort("list", 6), effort("stride", 10), effort("oracle", 5)])

    assert missed == 0
    assert "| list | alike | 1 of 1 | 6 | 12 | 60 | 6 |" in text
    assert "list / stride: 0.60 of the visits (at most 0.7): met" in text


def test_a_goal_that_was_not_reached_costs_all_that_was_spent() -> None:
    text, missed = report([effort("list", 20, reached=False), effort("stride", 10)])

    assert missed == 2  # both goals, against the stride
    assert "| list | alike | 0 of 1 | 20 | 40 | 200 | 20 |" in text


def test_a_sliver_of_an_object_is_not_judged() -> None:
    truth = np.zeros((4, 10, 10), np.bool_)
    truth[0, :8, :8] = truth[1, :8, :8] = True
    truth[2, :2, :2] = True

    clip = Clip("alike", np.zeros((4, 10, 10, 3), np.uint8), {(0, "overall"): truth})

    assert clip.judged((0, "overall")).tolist() == [True, True, False, True]


def test_rows_are_kept_one_by_one_and_a_line_that_was_cut_off_is_worked_again(
    tmp_path: Path,
) -> None:
    rows, path = [effort("list", 6), effort("stride", 9, reached=False)], tmp_path / "rows"
    for row in rows:
        keep_row(path, row)
    with path.open("a") as file:
        file.write('{"kind": "al')

    assert kept_rows(path) == rows
    keep_row(path, effort("oracle", 5))
    assert kept_rows(path) == [*rows, effort("oracle", 5)]


def test_a_clip_that_was_not_worked_in_every_way_is_left_out() -> None:
    whole = [effort(way, 6) for way in ("list", "stride", "oracle")]
    cut_off = effort("list", 2)
    cut_off.seed = 1

    assert worked_whole([*whole, cut_off], ("list", "stride", "oracle")) == whole
