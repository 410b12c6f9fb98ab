"""Files of LabelMe and X-AnyLabeling give shapes on the frame of the picture that they name."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import Box, Point
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportPlan
from tests.formats.archives import make_zip, picture
from tests.formats.label_studio.documents import CHOICES, facts, remarks


def zip_plan(folder: Path, files: dict[str, bytes]) -> ImportPlan:
    with read_import(make_zip(folder / "a.zip", files), facts(), CHOICES) as plan:
        return plan


def labelme(picture_name: str, *shapes: dict[str, Any], **more: Any) -> bytes:
    head = {"version": "5.4", "flags": {}, "imagePath": picture_name, "imageData": None}
    rows = [{"group_id": None, "flags": {}, **shape} for shape in shapes]
    return orjson.dumps({**head, "imageHeight": 90, "imageWidth": 160, "shapes": rows, **more})


def test_shapes_of_labelme_are_read(tmp_path: Path) -> None:
    patch = base64.b64encode(picture(".png", np.full((4, 6), 255, np.uint8))).decode()
    shapes = (
        {"label": "shaft", "shape_type": "polygon", "points": [[10, 20], [30, 20], [30, 40]]},
        {"label": "wrist", "shape_type": "rectangle", "points": [[30, 40], [10, 20]]},
        {"label": "tip", "shape_type": "point", "points": [[12, 13]]},
        {"label": "ring", "shape_type": "circle", "points": [[50, 50], [60, 50]]},
        {"label": "gripper", "shape_type": "mask", "points": [[20, 30], [26, 34]], "mask": patch},
        {"label": "line", "shape_type": "linestrip", "points": [[1, 2], [3, 4]]},
    )
    files = {"a.json": labelme("00003.jpg", *shapes), "b.json": labelme("00004.jpg")}
    plan = zip_plan(tmp_path, files)
    contents = {item.subject: item.content for item in plan.items}

    assert {item.frame_idx for item in plan.items} == {3}
    assert contents["wrist"] == Box(10, 20, 30, 40)
    assert contents["tip"] == Point(12, 13, 1)
    assert int(contents["ring"].read().sum()) == pytest.approx(314, abs=8)  # type: ignore[union-attr]
    assert np.argwhere(contents["gripper"].read()).tolist()[0] == [30, 20]  # type: ignore[union-attr]
    assert remarks(plan, "skipped") == ["A linestrip of 2 points is not read."]


def test_groups_of_labelme_are_instances(tmp_path: Path) -> None:
    polygon = {"label": "shaft", "shape_type": "polygon", "points": [[1, 2], [30, 2], [30, 40]]}
    files = {"a.json": labelme("00003.jpg", {**polygon, "group_id": 2}, {**polygon, "group_id": 5})}

    assert [subject.group for subject in zip_plan(tmp_path, files).subjects] == ["2", "5"]


def test_a_mask_larger_than_its_picture_is_left_out(tmp_path: Path) -> None:
    patch = base64.b64encode(picture(".png", np.full((91, 6), 255, np.uint8))).decode()
    shape = {"label": "shaft", "shape_type": "mask", "points": [[2, 3], [8, 94]], "mask": patch}
    path = make_zip(tmp_path / "a.zip", {"a.json": labelme("00003.jpg", shape)})

    with (
        read_import(path, facts(), CHOICES) as plan,
        pytest.raises(InvalidPrompt, match="larger than its picture"),
    ):
        plan.items[0].content.read()  # type: ignore[union-attr]


def test_shapes_of_x_anylabeling_are_read(tmp_path: Path) -> None:
    """X-AnyLabeling's rectangles have four corners, and turned ones are polygons."""
    more = {
        "score": None,
        "description": "",
        "difficult": False,
        "attributes": {},
        "kie_linking": [],
    }
    corners = [[10.0, 20.0], [30.0, 20.0], [30.0, 40.0], [10.0, 40.0]]
    diamond = [[50.0, 30.0], [60.0, 40.0], [50.0, 50.0], [40.0, 40.0]]
    shapes = (
        {**more, "label": "wrist", "shape_type": "rectangle", "points": corners, "group_id": 3},
        {**more, "label": "shaft", "shape_type": "rotation", "points": diamond, "direction": 0.7},
    )
    document = labelme("00003.jpg", *shapes, version="2.4.4", checked=False)
    plan = zip_plan(tmp_path, {"00003.json": document})
    contents = {item.subject: item.content for item in plan.items}

    assert contents["wrist"] == Box(10, 20, 30, 40)
    assert int(contents["shaft"].read().sum()) == 200  # type: ignore[union-attr]
    assert [subject.group for subject in plan.subjects] == ["3", "1"]
