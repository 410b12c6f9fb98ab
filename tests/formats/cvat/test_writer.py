from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from tests.formats.drawn_source import PAIRS, DrawnSource, written


def tracks(folder: Path, source: Any = None, **options: Any) -> list[ElementTree.Element]:
    path = written(folder, "cvat_video", source, **options)
    return ElementTree.parse(path).getroot().findall("track")


def test_a_mask_s_runs_draw_it_within_its_box(tmp_path: Path) -> None:
    mask = tracks(tmp_path)[5].findall("mask")[0]
    place = {name: int(mask.get(name, "")) for name in ("left", "top", "width", "height", "frame")}

    runs = [int(word) for word in mask.get("rle", "").split(",")]
    part = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(place["height"], place["width"])
    whole = np.zeros((48, 64), np.bool_)
    whole[place["top"] :, place["left"] :][: part.shape[0], : part.shape[1]] = part

    assert place["frame"] == 1
    assert np.array_equal(whole, DrawnSource().mask(PAIRS[1], 1))


def test_each_mask_is_a_track_that_ends_behind_it(tmp_path: Path) -> None:
    found = tracks(tmp_path)

    assert [(shape.get("frame"), shape.get("outside")) for shape in found[0]] == [
        ("0", "0"),
        ("1", "1"),
    ]


def test_label_and_group_are_region_and_instance(tmp_path: Path) -> None:
    found = [(track.get("label"), track.get("group_id")) for track in tracks(tmp_path)]

    assert list(dict.fromkeys(found)) == [("overall", "1"), ("shaft", "1"), ("overall", "2")]


def test_boxes_are_one_track_for_each_pair_with_gaps(tmp_path: Path) -> None:
    found = tracks(tmp_path, shapes="boxes")

    assert len(found) == 3
    states = [(shape.get("frame"), shape.get("outside")) for shape in found[2]]
    assert states == [("0", "0"), ("1", "0"), ("2", "1"), ("3", "0")]
    assert found[0][0].get("xbr") == "29.00"


def test_names_are_escaped(tmp_path: Path) -> None:
    source = DrawnSource()
    object.__setattr__(source.video, "name", "a<b>&.mp4")

    path = written(tmp_path, "cvat_video", source)

    assert ElementTree.parse(path).getroot().findtext("meta/task/name") == "a<b>&.mp4"
