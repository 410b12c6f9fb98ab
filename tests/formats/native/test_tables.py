from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

from tests.formats.drawn_source import DrawnSource, written


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
    assert [row["name"] for row in tables["keypoints"]] == ["tip", "hinge"]


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
            "instance_id,instance,frame_idx,time_s,keypoint_id,name,x,y,visible"
        ]
