"""The simulation of a cluster runs small, and shows what placement is for."""

from __future__ import annotations

import pytest

from benchmarks import centre, placement
from benchmarks.centre import Centre, cluster_of
from benchmarks.placement import Scenario, Simulation, by_videos_opened


def test_every_scenario_runs_small(capsys: pytest.CaptureFixture[str]) -> None:
    assert placement.main(["--small"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 + len(placement.SCENARIOS)


def test_the_calculation_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert centre.main(["--annotators", "1000", "--videos", "5000"]) == 0

    assert "| devices | 92  | 23  |" in capsys.readouterr().out


def test_a_new_device_is_not_flooded() -> None:
    """A count of the videos it opened would make it look empty for long."""
    people = cluster_of(Centre())
    flooded, as_now = (
        Simulation(people, Scenario("", rule, zipf=True, drained_share=0.2), 1800.0, 1).run()
        for rule in (by_videos_opened, placement.by_load)
    )

    assert as_now.viewers_max < flooded.viewers_max
    assert as_now.masks_s
