"""The measurement of many clicks runs, and loses none of them."""

from __future__ import annotations

import pytest

from benchmarks import click_load


@pytest.mark.slow
def test_a_small_crowd_loses_no_click(capsys: pytest.CaptureFixture[str]) -> None:
    click_load.main(["--only", "crowd", "--only", "speed", "--clients", "4", "--seconds", "6"])

    rows = {
        line[:44].strip(): float(line[44:].split()[0])
        for line in capsys.readouterr().out.splitlines()
    }
    assert rows["crowd: clicks that were lost"] == 0
    assert rows["crowd: CPU of the web process"] > 0
    assert rows["speed, 4 videos: acknowledgements"] > 1
