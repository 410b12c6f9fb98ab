"""The benchmark measures every row, and strict masks equal the plain predictor's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import costs, serving
from benchmarks.engine import ROWS, main

TINY = ["--device", "cpu", "--frames", "8", "--pairs", "2", "--size", "160x90", "--quick"]
NOT_ON_A_CPU = {"frames_per_second"}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the benchmark once, doing everything once; return the folder with its figures."""
    folder = tmp_path_factory.mktemp("figures")
    files = ["--json", str(folder / "a.json"), "--markdown", str(folder / "a.md")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "REPEATED_S", 0)
        patch.setattr(serving, "CLICKS", 4)
        patch.setattr(serving, "RUNS", 1)
        patch.setattr(serving, "HOVERING_S", 0.2)
        main([*TINY, *files])
    return folder


@pytest.fixture(scope="module")
def figures(written: Path) -> dict[str, Any]:
    return dict(json.loads((written / "a.json").read_text()))


@pytest.mark.slow
def test_every_row_has_its_number_under_its_key(figures: dict[str, Any]) -> None:
    left_out = figures["left_out"].keys()
    numbers = {row.key for row in ROWS if isinstance(figures.get(row.key), int | float)}

    assert numbers == {row.key for row in ROWS if not row.is_long} - left_out
    assert left_out - {"click_new_frame_default", "propagation_default"} == NOT_ON_A_CPU


def test_no_mask_differs_from_the_plain_predictors(figures: dict[str, Any]) -> None:
    assert figures["masks_that_differ"] == 0
    assert int(figures["rows"]["masks_that_differ"]["ours"].removeprefix("of ")) > 2 * 8


def test_unchanged_pairs_take_no_step(figures: dict[str, Any]) -> None:
    row = figures["rows"]["unchanged_pairs"]

    assert figures["unchanged_pairs"] == 0
    assert (row["plain"], row["note"]) == ("8 steps", "the changed pair took 8")


def test_a_row_says_its_goal_and_whether_it_is_met(figures: dict[str, Any]) -> None:
    row = figures["rows"]["mask_reply_bytes"]

    assert (row["goal"], row["met"]) == ("≤ 15000", row["value"] <= 15_000)
    assert row["value"] == figures["mask_reply_bytes"] > 0


def test_the_table_can_be_pasted_into_a_page(written: Path, figures: dict[str, Any]) -> None:
    lines = (written / "a.md").read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ")]

    assert lines[0].startswith("model sam2.1_hiera_demo")
    assert len(rows) == 2 + len(figures["rows"]) + len(figures["left_out"])
    assert {line.count("|") for line in rows} == {7}


def test_a_row_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "speed"])

    assert "no such row: speed" in capsys.readouterr().err
