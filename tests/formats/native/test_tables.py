from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sam2_session.core.types import FramePrompt, Keypoint, Point
from sam2_session.formats.exporting.source import Pair
from tests.formats.drawn_source import PAIRS, DrawnSource, written


def test_points_boxes_and_keypoints_are_rows(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "tables")) as file:
        tables = {
            name: list(csv.DictReader(io.StringIO(file.read(f"{name}.csv").decode())))
            for name in ("points", "boxes", "keypoints")
        }

    assert [(row["x"], row["y"], row["label"]) for row in tables["points"]] == [
        ("16.5", "20.0", "1"), ("2.0", "2.25", "0"),
    ]  # fmt: skip
    assert (tables["boxes"][0]["time_s"], tables["boxes"][0]["x1"]) == ("0.04", "30.5")
    assert [(row["name"], row["derived"]) for row in tables["keypoints"]] == [
        ("tip", "0"), ("hinge", "0"), ("tip", "1"),
    ]  # fmt: skip


def test_the_json_is_that_of_the_program_and_of_plain_tools(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "tables")) as file:
        own = json.loads(file.read("instance1/points_overall.json"))
        plain = json.loads(file.read("prompts.json"))["prompts"]

    assert own["frames"][1]["box"] == [4.0, 10.0, 30.5, 40.0]
    assert plain[0] == {
        **{"frame_index": 0, "x": 16.5, "y": 20.0, "label": 1},
        **{"instance_id": 1, "region": "overall"},
    }


def test_without_prompts_the_tables_have_only_their_heads(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "tables", DrawnSource(1, pairs=()))) as file:
        assert file.read("keypoints.csv").decode().splitlines() == [
            "instance_id,instance,frame_idx,time_s,keypoint_id,name,x,y,visible,derived"
        ]


NAMES = ("@tip", "+1", "-x", "plain-", " =1", "＝1", "a;=1", "a=1; b-2")


class NamedSource(DrawnSource):
    """Its instance and keypoints have names that spreadsheets would run."""

    def __init__(self) -> None:
        named = [replace(p, instance=replace(p.instance, name="=cmd|'/c x'!A0")) for p in PAIRS]
        super().__init__(pairs=named)

    def prompts(self, pair: Pair) -> Sequence[tuple[int, FramePrompt]]:
        return [(0, FramePrompt((Point(-1.5, 2.0, 1),)))]

    def keypoints(self, instance_id: int) -> Sequence[Keypoint]:
        return [Keypoint(1, 0, -2.0, 3.0, name) for name in NAMES]


def column(folder: Path, table: str, name: str, **options: bool) -> list[str]:
    with zipfile.ZipFile(written(folder, "tables", NamedSource(), **options)) as file:
        return [row[name] for row in csv.DictReader(io.StringIO(file.read(table).decode()))]


def test_no_cell_is_a_formula_and_numbers_stay_numbers(tmp_path: Path) -> None:
    assert column(tmp_path, "points.csv", "instance")[0] == "'=cmd|'/c x'!A0"
    assert column(tmp_path, "points.csv", "x")[0] == "-1.5"
    assert column(tmp_path, "keypoints.csv", "name")[: len(NAMES)] == [
        "'@tip",
        "'+1",
        "'-x",
        "plain-",
        "' =1",
        "'＝1",
        "a;'=1",
        "a=1; b-2",
    ]


def test_names_are_as_they_are_if_that_is_wished(tmp_path: Path) -> None:
    assert column(tmp_path, "keypoints.csv", "name", safe_cells=False)[:2] == ["@tip", "+1"]
