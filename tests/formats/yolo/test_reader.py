"""YOLO's label files: outlines and boxes land on their frames, broken lines are skipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sam2_session.core.types import Box
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportPlan
from sam2_session.formats.yolo.lines import class_names
from tests.formats.archives import make_zip
from tests.formats.drawn_source import PAIRS, DrawnSource, written
from tests.formats.label_studio.documents import CHOICES, facts, found, remarks
from tests.formats.test_round_trips import masks_drawn, masks_in

SQUARE = "0.10 0.20 0.20 0.20 0.20 0.30 0.10 0.30"
NAMES = b"names:\n  0: shaft\n  1: hand\n"


def plan_of(folder: Path, labels: dict[str, str], names: bytes = NAMES) -> ImportPlan:
    files = {f"labels/train/{name}": text.encode() for name, text in labels.items()}
    path = make_zip(folder / "a.zip", {"data.yaml": names, **files})
    with read_import(path, facts(), CHOICES) as plan:
        return plan


def test_an_outline_is_a_mask_of_its_class(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"00001.txt": f"1 {SQUARE}\n", "00004.txt": f"0 {SQUARE}\n"})
    mask = plan.items[0].content.read()  # type: ignore[union-attr]

    assert found(plan) == [("hand", 0, "mask"), ("shaft", 3, "mask")]
    assert (plan.subjects[0].region, plan.subjects[1].region) == (None, "shaft")
    assert (mask[18:28, 16:33].all(), int(mask.sum())) == (True, 17 * 10)


def test_a_line_of_four_numbers_is_a_box(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"00001.txt": "0 0.5 0.5 0.25 0.2"})

    assert [item.content for item in plan.items] == [Box(60, 36, 100, 54)]


def test_a_number_that_two_lines_of_a_class_have_is_no_track_but_a_confidence(
    tmp_path: Path,
) -> None:
    box = "0.5 0.5 0.25 0.2"
    sure = plan_of(tmp_path, {"00001.txt": f"0 {box} 1\n0 {box} 1\n"})
    tracked = plan_of(tmp_path, {"00001.txt": f"0 {box} 7\n0 {box} 8\n1 {box} 7\n"})

    assert [subject.group for subject in sure.subjects] == ["1", "2"]
    assert remarks(sure, "note") == ["The confidence at the end of the lines was left out."]
    assert [subject.group for subject in tracked.subjects] == ["7", "8", "7"]
    assert remarks(tracked, "warning") == []


def test_several_of_a_class_are_instances_in_their_order_with_a_warning(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"00001.txt": f"0 {SQUARE}\n1 {SQUARE}\n0 {SQUARE}\n"})

    assert [(subject.name, subject.group) for subject in plan.subjects] == [
        ("shaft", "1"), ("hand", "1"), ("shaft#2", "2")]  # fmt: skip
    assert "Check them." in remarks(plan, "warning")[0]


@pytest.mark.parametrize(
    "line",
    ["0", "0 0.1 0.2", "0 0.1 0.2 0.3", "0 nan 0.2 0.3 0.4", "0 0.1 0.2 0.3 7",
     "x 0.1 0.2 0.3 0.4", "-1 0.1 0.2 0.3 0.4", "0 1e999 0 0 0", "0 \u0661 \u0660 0 x", "\x00"],
)  # fmt: skip
def test_lines_that_cannot_be_are_reported(tmp_path: Path, line: str) -> None:
    plan = plan_of(tmp_path, {"00001.txt": line})

    assert (plan.items, len(remarks(plan, "skipped"))) == ((), 1)


def test_files_without_a_frame_are_reported(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, {"a.txt": f"0 {SQUARE}", "00051.txt": f"0 {SQUARE}", "1.txt": ""})

    assert plan.items == ()
    assert len(remarks(plan, "skipped")) == 2


BOMB = b"a: &a {x: 1}\nb: &b {<<: [*a, *a]}\nnames: {<<: [*b, *b]}"


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"names: [a, b]", {0: "a", 1: "b"}),
        (b"names: {3: a, x: b, 4: [c]}", {3: "a"}),
        (b"names: 7", {}),
        (b"[" * 50_000, {}),
        (b"\xff\xfe\xff", {}),
        (b"names: !!python/object/apply:os.system [ls]", {}),
        (BOMB, {}),
        (b"names: [a]" + b" " * 70_000, {}),
    ],
)
def test_names_are_read_where_they_can_be(data: bytes, names: dict[int, str]) -> None:
    assert class_names(data) == names


def test_a_class_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    assert found(plan_of(tmp_path, {"1.txt": f"5 {SQUARE}"}, b"")) == [("class 5", 0, "mask")]


@pytest.mark.parametrize("options", [{}, {"base": 0, "digits": 8}, {"images": True}])
def test_our_masks_come_back_but_for_the_cuts_to_their_holes(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    read, wanted = masks_in(written(tmp_path, "yolo_seg", **options)), masks_drawn()

    assert read.keys() == wanted.keys()
    wrong = {key: np.count_nonzero(read[key] != mask) for key, mask in wanted.items()}
    holed = PAIRS[0]
    assert max(count for key, count in wrong.items() if key[:2] == (1, holed.region)) <= 12
    assert {count for key, count in wrong.items() if key[:2] != (1, holed.region)} == {0}


def test_an_object_that_is_away_takes_nobody_else_s_place(tmp_path: Path) -> None:
    read = masks_in(written(tmp_path, "yolo_seg", DrawnSource(frames=4)))

    assert {key[2] for key in read if key[:2] == (2, "overall")} == {0, 1, 3}
