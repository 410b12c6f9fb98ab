"""CVAT for video: tracks and masks land on their frames; broken and hostile XML is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sam2_session.core.errors import InvalidPrompt, UnsupportedImport
from sam2_session.core.types import Box, Point
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportPlan
from tests.formats.archives import make_zip
from tests.formats.drawn_source import PAIRS, DrawnSource, written
from tests.formats.label_studio.documents import CHOICES, facts, found, remarks
from tests.formats.test_round_trips import CHOICES as OUR_CHOICES
from tests.formats.test_round_trips import FACTS as OUR_FACTS

PLACE = 'outside="0" keyframe="1"'
BOX = 'xtl="10" ytl="20" xbr="30" ybr="60"'


def track(*shapes: str, label: str = "shaft", **said: object) -> str:
    more = " ".join(f'{name}="{value}"' for name, value in {"id": 0, **said}.items())
    return f'<track label="{label}" {more}>{"".join(shapes)}</track>'


def box(frame: object, more: str = PLACE, corners: str = BOX) -> str:
    return f'<box frame="{frame}" {more} {corners}/>'


def mask(frame: int, rle: str, place: str = 'left="3" top="2" width="4" height="2"') -> str:
    return f'<mask frame="{frame}" {PLACE} rle="{rle}" {place}/>'


def document(*tracks: str, size: str = "") -> bytes:
    return f"<?xml version='1.0'?><annotations>{size}{''.join(tracks)}</annotations>".encode()


def plan_of(folder: Path, data: bytes) -> ImportPlan:
    (folder / "a.xml").write_bytes(data)
    with read_import(folder / "a.xml", facts(), CHOICES) as plan:
        return plan


def test_keyframes_of_a_track_are_boxes_of_one_instance(tmp_path: Path) -> None:
    shapes = [box(0), box(1, 'outside="0" keyframe="0"'), box(4), box(5, 'outside="1"')]
    plan = plan_of(tmp_path, document(track(*shapes), track(box(0), box(9), id=1)))

    assert found(plan) == [("shaft", 0, "box"), ("shaft#2", 0, "box"),
                           ("shaft", 4, "box"), ("shaft#2", 9, "box")]  # fmt: skip
    assert plan.items[0].content == Box(10, 20, 30, 60)
    assert remarks(plan, "note") == ["Frames between keyframes are left to propagation."]


def test_a_group_is_an_instance(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, document(track(box(0), group_id=7), track(box(3), group_id="x")))

    assert [(subject.group, subject.instance_id) for subject in plan.subjects] == [
        ("7", 7),
        ("x", None),
    ]


def test_masks_of_a_label_that_are_no_track_are_one_subject(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, document(track(mask(0, "1,2,5")), track(mask(1, "0,8"))))
    first = plan.items[0].content.read()  # type: ignore[union-attr]

    assert found(plan) == [("shaft", 0, "mask"), ("shaft", 1, "mask")]
    assert np.argwhere(first).tolist() == [[2, 4], [2, 5]]


def test_a_turned_box_is_told_and_true_means_1(tmp_path: Path) -> None:
    turned = box(3, f'{PLACE} rotation="30"', 'xtl="60" ytl="30" xbr="90" ybr="60"')
    plan = plan_of(tmp_path, document(track(turned, box(5, 'outside="True"'), box(9))))

    assert found(plan) == [("shaft", 3, "box"), ("shaft", 9, "box")]
    assert remarks(plan, "warning") == ["A turned rectangle became the upright box around it."]


def test_shapes_of_one_label_on_one_frame_alone_stay_apart_and_that_is_told(tmp_path: Path) -> None:
    right = box(3, corners='xtl="90" ytl="20" xbr="120" ybr="60"')
    plan = plan_of(tmp_path, document(track(box(3)), track(right, id=1), track(box(9), id=2)))

    assert found(plan) == [("shaft", 3, "box"), ("shaft#2", 3, "box"), ("shaft", 9, "box")]
    assert [why for why in remarks(plan, "warning") if why.startswith("Several shapes")] != []


def test_places_on_frames_of_another_size_are_brought_to_ours(tmp_path: Path) -> None:
    size = "<meta><original_size><width>80</width><height>45</height></original_size></meta>"
    plan = plan_of(tmp_path, document(track(box(0), mask(1, "0,8")), size=size))
    drawn = plan.items[1].content.read()  # type: ignore[union-attr]

    assert plan.items[0].content == Box(20, 40, 60, 90)
    assert (drawn.shape, int(drawn.sum()), drawn[4:8, 6:14].all()) == ((90, 160), 32, True)


def test_polygons_and_ellipses_are_masks_and_points_are_clicks(tmp_path: Path) -> None:
    polygon = f'<polygon frame="0" {PLACE} points="10,10;20,10;20,20;10,20"/>'
    ellipse = f'<ellipse frame="1" {PLACE} cx="50" cy="40" rx="20" ry="10"/>'
    points = f'<points frame="2" {PLACE} points="5.5,6;7,8"/>'
    items = plan_of(tmp_path, document(track(polygon, ellipse, points))).items
    areas = [int(item.content.read().sum()) for item in items[:2]]  # type: ignore[union-attr]

    assert areas == [100, pytest.approx(628, abs=8)]
    assert [item.content for item in items[2:]] == [Point(5.5, 6, 1), Point(7, 8, 1)]


def test_a_turned_box_becomes_the_upright_one_around_it(tmp_path: Path) -> None:
    turned = box(0, f'{PLACE} rotation="90"')
    plan = plan_of(tmp_path, document(track(turned, box(1))))

    assert plan.items[0].content == Box(0, 30, 40, 50)


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        (box("x"), "does not say its frame"),
        (box(2**40), "does not say its frame"),
        (box(50), "outside the video"),
        (box(0, PLACE, 'xtl="nan" ytl="1" xbr="2" ybr="3"'), "not whole"),
        (box(0, PLACE, 'xtl="1" ytl="1"'), "not whole"),
        (mask(0, "1,2", 'left="158" top="0" width="4" height="2"'), "outside its frame"),
        (f'<polygon frame="0" {PLACE} points="1,2;3"/>', "not a list of x,y pairs"),
        (f'<polyline frame="0" {PLACE} points="1,2;3,4"/>', "polyline is not read"),
    ],
)
def test_shapes_that_cannot_be_are_reported(tmp_path: Path, shape: str, why: str) -> None:
    plan = plan_of(tmp_path, document(track(shape)))

    assert plan.items == ()
    assert why in remarks(plan, "skipped")[0]


@pytest.mark.parametrize("rle", ["", "1,2", "9", "-1,9", "x", "4,,4", f"{10**30},1", "1.5,6.5"])
def test_runs_that_make_no_mask_are_refused_when_they_are_read(tmp_path: Path, rle: str) -> None:
    plan = plan_of(tmp_path, document(track(mask(0, rle))))

    with pytest.raises(InvalidPrompt, match="runs"):
        plan.items[0].content.read()  # type: ignore[union-attr]


BOMB = b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><annotations>&b;</annotations>'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (document(track(box(0)))[:-20], "no XML"),
        (b"<svg/>", "not of CVAT"),
        (b"<annotations><image id='0' name='1.png'/></annotations>", "CVAT for images"),
        (BOMB, "document type"),
        (b'<?xml version="1.0" encoding="nonsense"?><annotations/>', "no XML"),
        (document(size="<original_size><width>9e8</width><height>1</height></original_size>"),
         "says that its video is"),
    ],
)  # fmt: skip
def test_what_is_no_cvat_for_video_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    with pytest.raises(UnsupportedImport, match=why):
        plan_of(tmp_path, data)


def test_elements_within_elements_take_no_stack(tmp_path: Path) -> None:
    depth = 50 * sys.getrecursionlimit()

    assert plan_of(tmp_path, document("<a>" * depth + "</a>" * depth)).items == ()


def test_the_zip_that_cvat_packs_is_read(tmp_path: Path) -> None:
    files = {"annotations.xml": document(track(box(3))), "images/frame_000000.png": b"x"}
    with read_import(make_zip(tmp_path / "a.zip", files), facts(), CHOICES) as plan:
        assert found(plan) == [("shaft", 3, "box")]


def test_our_boxes_come_back_with_their_gaps(tmp_path: Path) -> None:
    path = written(tmp_path, "cvat_video", shapes="boxes")
    with read_import(path, OUR_FACTS, OUR_CHOICES) as plan:
        ids = {subject.name: (subject.instance_id, subject.region) for subject in plan.subjects}
        items: Any = plan.items
    boxes = {(*ids[item.subject], item.frame_idx): item.content for item in items}
    mask_hw = DrawnSource().mask(PAIRS[2], 3)
    (y0, x0), (y1, x1) = (edge(np.argwhere(mask_hw), 0).tolist() for edge in (np.min, np.max))

    assert {key[2] for key in boxes if key[:2] == (2, "overall")} == {0, 1, 3}
    assert boxes[2, "overall", 3] == Box(x0, y0, x1 + 1, y1 + 1)
