"""Goals and costs of the benchmark."""

from __future__ import annotations

import pytest

from benchmarks.costs import Cost, middle, times
from benchmarks.figures import Figure, Goal, LeftOut, Report, ratio


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [(Goal(0.65), 0.65, True), (Goal(0.65), 0.66, False), (Goal(2, at_least=True), 1.9, False)],
)
def test_a_goal_is_a_bound(goal: Goal, value: float, met: bool) -> None:
    assert Figure(key="a", name="a", value=value, goal=goal).met is met


def test_a_row_left_out_is_null_and_says_why() -> None:
    report = Report({"model": "m"})
    report.add(Figure(key="a", name="one", value=0.5))
    report.add(LeftOut(key="b", name="other", reason="no GPU"))

    figures = report.to_json()

    assert (figures["model"], figures["a"], figures["b"]) == ("m", 0.5, None)
    assert figures["left_out"] == {"b": "no GPU"}


def test_short_work_is_repeated_an_odd_number_of_times() -> None:
    assert [times(seconds) for seconds in (60, 1.5, 0.5, 0.001)] == [1, 1, 3, 9]


def test_the_middle_cost_is_the_median_of_each() -> None:
    assert middle([Cost(1, 9), Cost(3, 7), Cost(2, 8)]) == Cost(2, 8)
    assert ratio(1, 3) == 0.3333
