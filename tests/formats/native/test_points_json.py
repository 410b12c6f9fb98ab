"""Points, boxes and keypoints: files of this program, and flat lists of simple tools."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import orjson
import pytest

from sam2_session.core.errors import TooLarge, UnsupportedImport
from sam2_session.core.types import Box, FramePrompt, Instance, Keypoint, Point
from sam2_session.formats.format_detection import read_document, read_import
from sam2_session.formats.importing.json_input import load_json
from sam2_session.formats.importing.plan import ImportChoices, NamedPoint
from sam2_session.formats.native.annotation_json import keypoints_document, points_document
from tests.formats.archives import make_zip
from tests.formats.label_studio.documents import CHOICES, facts, found, remarks

HEAD = {"video_id": "clip", "video": "clip.mp4", "width": 160, "height": 90, "num_frames": 50}
TOOL = Instance(2, "tool 2", "#00ff00")


def contents(document: Any, choices: ImportChoices = CHOICES) -> list[Any]:
    return [item.content for item in read_document(document, facts(), choices).items]


def test_our_points_come_back() -> None:
    prompt = FramePrompt((Point(5, 6, 1), Point(7, 8, 0)), Box(1, 2, 30, 40))
    plan = read_document(points_document(HEAD, TOOL, "shaft", [(4, prompt)]), facts(), CHOICES)

    assert [item.content for item in plan.items] == [*prompt.points, prompt.box]
    assert {item.frame_idx for item in plan.items} == {4}
    (subject,) = plan.subjects
    assert (subject.instance_id, subject.region, subject.name) == (2, "shaft", "tool 2/shaft")


def test_our_keypoints_come_back() -> None:
    document = keypoints_document(HEAD, TOOL, [Keypoint(1, 3, 10, 20, "tip", False)])

    assert contents(document) == [NamedPoint(10, 20, "tip", False)]


@pytest.mark.parametrize("name", ["frame_index", "frame_idx", "frame"])
def test_plain_prompts_are_read(name: str) -> None:
    rows = [{name: 7, "x": 3, "y": 4.5, "label": 1}, {name: 8, "x": 3, "y": 4, "label": 0}]

    assert contents({"prompts": rows}) == contents(rows) == [Point(3, 4.5, 1), Point(3, 4, 0)]


def test_the_offset_goes_on_top() -> None:
    document = {"prompts": [{"frame_index": 7, "x": 3, "y": 4, "label": 1}]}

    plan = read_document(document, facts(), ImportChoices(frame_offset=-1))
    assert [item.frame_idx for item in plan.items] == [6]


def test_objects_of_plain_tools_are_instances() -> None:
    rows = [{"frame": 0, "x": 3, "y": 4, "label": 1, "obj_id": at} for at in (5, 9)]

    plan = read_document({"prompts": rows}, facts(), CHOICES)
    assert [subject.instance_id for subject in plan.subjects] == [5, 9]


def test_points_made_at_another_size_are_brought_to_ours() -> None:
    prompt = FramePrompt((Point(10, 10, 1),), Box(0, 0, 80, 45))
    half = points_document({**HEAD, "width": 80, "height": 45}, TOOL, "shaft", [(0, prompt)])

    assert contents(half) == [Point(20, 20, 1), Box(0, 0, 160, 90)]
    assert "80x45" in remarks(read_document(half, facts(), CHOICES), "note")[0]


def test_objects_that_count_from_0_or_have_texts_as_ids_stay_apart() -> None:
    rows = [{"frame": 1, "x": 9, "y": 9, "label": 1, "obj_id": obj} for obj in (0, 1, "left", "7")]
    plan = read_document({"prompts": rows}, facts(), CHOICES)

    assert [(subject.label, subject.instance_id) for subject in plan.subjects] == [
        ("object 0", None),
        ("instance1", 1),
        ("object left", None),
        ("object 7", None),
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"x": 1, "y": 2, "label": 1}, "It does not say its frame."),
        ({"frame": 1, "x": 1, "label": 1}, "The prompt has no place."),
        ({"frame": 1, "x": "1", "y": 2, "label": 1}, "The prompt has no place."),
        ({"frame": 1, "x": 1, "y": 2, "label": 2}, "The point's label is neither 1 nor 0."),
        ({"frame": 1, "box": [1, 2, 3]}, "The box is not [x0, y0, x1, y1]."),
        ({"frame": 1, "box": [5, 5, 1, 1]}, "The box has no area inside the frame."),
        (
            {"frame": 99, "x": 1, "y": 2, "label": 1},
            "The frame lies outside the video, which has 50.",
        ),
        ({"frame": 1.5, "x": 1, "y": 2, "label": 1}, "It does not say its frame."),
        ({"frame": 1, "x": 1e200, "y": 2, "label": 1}, "The prompt has no place."),
    ],
)
def test_rows_that_cannot_be_are_reported(row: dict[str, Any], why: str) -> None:
    plan = read_document({"prompts": [row]}, facts(), CHOICES)

    assert (plan.items, remarks(plan, "skipped")) == ((), [why])


def test_more_points_than_a_frame_takes_are_left_out() -> None:
    rows = [{"frame": 0, "x": 1, "y": 2, "label": 1}] * 1005
    plan = read_document({"prompts": rows}, facts(), CHOICES)

    assert len(plan.items) == 1000
    assert [note.count for note in plan.notes] == [5]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_are_no_json(text: str) -> None:
    with pytest.raises(UnsupportedImport, match="no JSON"):
        load_json(b'{"prompts": [{"frame": 0, "x": %s, "y": 2}]}' % text.encode())


def test_numbers_beyond_all_frames_are_no_places() -> None:
    row = {"frame": 0, "x": 10**30, "y": 2, "label": 1}

    plan = read_document({"prompts": [row, {**row, "x": math.inf}]}, facts(), CHOICES)
    assert (plan.items, remarks(plan, "skipped")) == ((), ["The prompt has no place."])


def test_ten_million_points_are_refused_before_they_are_read() -> None:
    data = b'{"prompts": [' + b"[1,2]," * 10_000_000 + b"[1,2]]}"

    with pytest.raises(TooLarge, match="4000000 points or objects"):
        load_json(data)


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": 1', b"\xff\xfe{", b"[" * 100_000, b"{'a': 1}"])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedImport, match="no JSON"):
        load_json(data)


@pytest.mark.parametrize(
    "data", ['{"prompts": []}'.encode("utf-16"), b'{"prompts": [], "name": "\xff"}']
)
def test_what_is_not_utf8_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)

    with (
        pytest.raises(UnsupportedImport, match="UTF-"),
        read_import(tmp_path / "a.json", facts(), CHOICES),
    ):
        pass


@pytest.mark.parametrize(
    "data",
    [b'{"a": 1, "a": 2}', b'{"prompts": [{"x": 1, "y": 2, "x": 3}]}', b'[{"a": {}, "a": 1}]'],
)
def test_a_name_that_is_there_twice_is_refused_since_one_of_both_would_be_lost(
    data: bytes,
) -> None:
    with pytest.raises(UnsupportedImport, match="same name twice"):
        load_json(data)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG\r\n", b"7", b'"x"', b"[]", b"{}", b"[1]"]
)
def test_files_of_no_known_format_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)

    with pytest.raises(UnsupportedImport), read_import(tmp_path / "a.json", facts(), CHOICES):
        pass


def test_an_export_of_points_is_read_once_though_they_are_there_twice(tmp_path: Path) -> None:
    ours = points_document(HEAD, TOOL, "shaft", [(0, FramePrompt((Point(5, 6, 1),)))])
    tips = keypoints_document(HEAD, TOOL, [Keypoint(1, 3, 10, 20, "tip")])
    plain = {"prompts": [{"frame_index": 0, "x": 5, "y": 6, "label": 1}]}
    files = {
        "instance2/points_shaft.json": ours,
        "instance2/keypoints.json": tips,
        "prompts.json": plain,
    }
    path = make_zip(tmp_path / "p.zip", {name: orjson.dumps(one) for name, one in files.items()})

    with read_import(path, facts(), CHOICES) as plan:
        assert found(plan) == [("tool 2/shaft", 0, "point"), ("tool 2", 3, "keypoint")]
