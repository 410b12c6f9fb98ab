"""Exports are read back equal, as far as their format can hold the content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sam2_session.core.types import Box, FramePrompt, Point
from sam2_session.formats.exporting.layers import numbers_of, paint, paint_order
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import (
    ImportChoices,
    NamedPoint,
    Subject,
    VideoFacts,
)
from tests.formats.drawn_source import PAIRS, SIZE_HW, TOOLS, DrawnSource, written

FACTS = VideoFacts(("clip.mp4", "clip"), SIZE_HW, 4, 25.0, (0.0, 0.04, 0.08, 0.12))
CHOICES = ImportChoices(regions=("overall", "shaft"))
NAMES = {tool.name: tool.instance_id for tool in TOOLS}
Key = tuple[int, str, int]


def whose(subject: Subject) -> tuple[int, str]:
    instance_id = subject.instance_id or NAMES[subject.instance_name or ""]
    return instance_id, subject.region or "overall"


def masks_in(path: Path) -> dict[Key, Any]:
    """Read every mask of a file, by instance, region and frame."""
    with read_import(path, FACTS, CHOICES) as plan:
        subjects = {subject.name: whose(subject) for subject in plan.subjects}
        return {
            (*subjects[item.subject], item.frame_idx): item.content.read()  # type: ignore[union-attr]
            for item in plan.items
            if item.kind == "mask"
        }


def masks_drawn() -> dict[Key, Any]:
    source = DrawnSource()
    return {
        (pair.instance_id, pair.region, frame_idx): source.mask(pair, frame_idx)
        for pair in PAIRS
        for frame_idx in source.masked_frames(pair)
    }


def assert_same(found: dict[Key, Any], wanted: dict[Key, Any]) -> None:
    assert found.keys() == wanted.keys()
    assert all(np.array_equal(found[key], wanted[key]) for key in wanted)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("masks_zip", {}),
        ("masks_zip", {"digits": 8, "base": 0}),
        ("coco", {}),
        ("coco", {"base": 0, "images": True}),
        ("youtube_vis", {}),
        ("youtube_vis", {"base": 1, "images": True}),
        ("label_studio", {}),
        ("cvat_video", {}),
        ("npy", {}),
        ("npz", {}),
        ("sa_v", {}),
        ("sa_v", {"images": True}),
        ("labelme", {}),
        ("labelme", {"base": 0, "images": True}),
    ],
)
def test_masks_come_back_pixel_by_pixel(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    assert_same(masks_in(written(tmp_path, name, **options)), masks_drawn())


@pytest.mark.parametrize("options", [{}, {"base": 1, "digits": 8}, {"images": True}])
def test_palettes_come_back_as_what_lay_on_top(tmp_path: Path, options: dict[str, Any]) -> None:
    source, numbers = DrawnSource(), numbers_of(PAIRS, "pair")
    wanted: dict[Key, Any] = {}
    for frame_idx in range(4):
        there = [pair for pair in paint_order(PAIRS) if frame_idx in source.masked_frames(pair)]
        reads = ((pair, source.read_mask(pair, frame_idx)) for pair in there)
        ids_hw = paint([(pair, read) for pair, read in reads if read], numbers, SIZE_HW)
        wanted |= {(p.instance_id, p.region, frame_idx): ids_hw == numbers[p] for p in there}

    assert_same(masks_in(written(tmp_path, "davis", ids="pair", **options)), wanted)


def test_boxes_of_a_video_come_back_on_their_frames(tmp_path: Path) -> None:
    source = DrawnSource()
    with read_import(written(tmp_path, "label_studio_boxes"), FACTS, CHOICES) as plan:
        subjects = {subject.name: whose(subject) for subject in plan.subjects}
        found = {(*subjects[item.subject], item.frame_idx): item.content for item in plan.items}

    wanted = {}
    for (instance_id, region, frame_idx), mask in masks_drawn().items():
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        wanted[(instance_id, region, frame_idx)] = box
    assert found.keys() == wanted.keys()
    assert all(found[key].to_wire() == pytest.approx(wanted[key]) for key in wanted)  # type: ignore[union-attr]
    assert source.video.num_frames == 4


def test_prompts_and_keypoints_come_back_once(tmp_path: Path) -> None:
    with read_import(written(tmp_path, "tables"), FACTS, CHOICES) as plan:
        contents = {item.frame_idx: [] for item in plan.items}  # type: ignore[var-annotated]
        for item in plan.items:
            contents[item.frame_idx].append(item.content)

    points = [Point(16.5, 20.0, 1), Point(2.0, 2.25, 0)]
    tips = [NamedPoint(20.0, 21.5, "tip"), NamedPoint(8.0, 9.0, "hinge", False)]
    assert {mark: contents[0].count(mark) for mark in [*points, *tips]} == dict.fromkeys(
        [*points, *tips], 1
    )
    derived = NamedPoint(20.5, 22.0, "tip", derived=True)
    assert contents[1] == [derived, Box(4.0, 10.0, 30.5, 40.0)]


@pytest.mark.parametrize("name", ["coco", "label_studio"])
def test_keypoints_come_back_placed_or_derived(tmp_path: Path, name: str) -> None:
    with read_import(written(tmp_path, name), FACTS, CHOICES) as plan:
        found = [item for item in plan.items if item.kind == "keypoint"]
        owners = {subject.instance_name for subject in plan.subjects}

    by_place = sorted(found, key=lambda item: (item.frame_idx, item.content.name))  # type: ignore[union-attr]
    assert [(item.frame_idx, item.content) for item in by_place] == [
        (0, NamedPoint(8.0, 9.0, "hinge", False)),
        (0, NamedPoint(20.0, 21.5, "tip", True)),
        (1, NamedPoint(20.5, 22.0, "tip", True, derived=True)),
    ]
    assert len(owners) == len({pair.instance.name for pair in PAIRS})


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("masks_zip", {}),
        ("davis", {}),
        ("davis", {"ids": "pair"}),
        ("coco", {}),
        ("youtube_vis", {}),
        ("yolo_seg", {}),
        ("npy", {}),
        ("npz", {}),
        ("tables", {}),
    ],
)
def test_instances_come_back_with_ids_and_names_once(
    tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    with read_import(written(tmp_path, name, **options), FACTS, CHOICES) as plan:
        found = {(subject.instance_id, subject.instance_name) for subject in plan.subjects}
        groups = {subject.group for subject in plan.subjects}

    tools = {(tool.instance_id, tool.name) for tool in TOOLS}
    assert found <= tools
    assert len(groups) == len(found)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("masks_zip", {}),
        ("masks_zip", {"layout": "ids"}),
        ("davis", {}),
        ("coco", {"category": "both"}),
        ("youtube_vis", {"category": "class"}),
        ("yolo_seg", {"category": "class"}),
        ("npy", {}),
        ("npz", {}),
        ("tables", {}),
    ],
)
def test_classes_come_back_with_their_instances(
    tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    driver = replace(TOOLS[0], class_name="needle driver")
    pairs = tuple(replace(pair, instance=driver) for pair in PAIRS[:2]) + PAIRS[2:]
    path = written(tmp_path, name, ClassedSource(pairs=pairs), **options)

    with read_import(path, FACTS, CHOICES) as plan:
        classes = {whose(subject)[0]: subject.class_name for subject in plan.subjects}
    assert classes == ({1: "needle driver"} if name == "tables" else {1: "needle driver", 2: None})


class ClassedSource(DrawnSource):
    """Its first pair has the prompts, although it is none of the drawn ones."""

    def prompts(self, pair: Pair) -> Sequence[tuple[int, FramePrompt]]:
        return super().prompts(PAIRS[0]) if pair == self.pairs[0] else []


class Speckled(DrawnSource):
    """Masks of three pieces each."""

    def mask(self, pair: Pair, frame_idx: int) -> Any:
        mask = super().mask(pair, frame_idx)
        mask[:, ::20] = False
        return mask


def test_yolo_s_split_pieces_come_back_as_their_instances(tmp_path: Path) -> None:
    path = written(tmp_path, "yolo_seg", Speckled(), pieces="split")
    with read_import(path, FACTS, CHOICES) as plan:
        found = {whose(subject) for subject in plan.subjects}
        assert not [note for note in plan.notes if "joined" in note.why]
    assert found == {(pair.instance_id, pair.region) for pair in PAIRS}


def test_cvat_keeps_the_names_of_instances(tmp_path: Path) -> None:
    with read_import(written(tmp_path, "cvat_video"), FACTS, CHOICES) as plan:
        names = {subject.instance_id: subject.instance_name for subject in plan.subjects}
    assert names == {tool.instance_id: tool.name for tool in TOOLS}
