"""A video's annotations come by column where a client asks for it, and are the same as by row."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import pytest

from tests.annotating import BODY, Annotator

KEY = {"video_id": "clip", "instance_id": 1, "region": "overall"}
OF_RUNS = ("source", "run", "stale", "approved", "flags", "absent", "cleaned", "rejected", "reason")


@pytest.fixture
def busy(ada: Annotator) -> Annotator:
    """A tracked pair with an approved, a rejected, an absent and a deleted mask."""
    ada.click(0, *BODY)
    ada.propagate(start=0, end=7)
    ada.send("approve", key=KEY, frames=[[2, 3]], approved=True)
    ada.send("approve", key=KEY, frames=[[5, 5]], rejected=True, reason="too wide")
    ada.act("mark_absent", 6, frames=[[6, 6]], absent=True)
    ada.act("clear_frame", 4)
    ada.click(1, *BODY, region="shaft")
    ada.send("add_keypoint", video_id="clip", instance_id=1, frame_idx=1, x=4, y=5, name="tip")
    return ada


def runs(packed: list[Any]) -> list[Any]:
    pairs = zip(packed[::2], packed[1::2], strict=True)
    return [value for value, count in pairs for _ in range(count)]


def frames_of(spans: list[list[int]]) -> list[int]:
    return [frame_idx for first, last in spans for frame_idx in range(first, last + 1)]


def filled(known: list[Any], values: Iterator[Any]) -> list[Any]:
    """Nulls where nothing is known, else the next value."""
    return [next(values) if is_known else None for is_known in runs(known)]


def unpacked(columns: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of masks out of their columns, by the description in the documents."""
    edges = zip(*map(accumulate, columns["box"]), strict=True)
    read = {
        "frame_idx": frames_of(columns["frames"]),
        "rev": accumulate(columns["rev"]),
        "area": accumulate(columns["area"]),
        "score": filled(columns["has_score"], accumulate(columns["score"])),
        "box": filled(columns["has_box"], map(list, edges)),
        **{name: runs(columns[name]) for name in OF_RUNS},
    }
    return [dict(zip(read, row, strict=True)) for row in zip(*read.values(), strict=True)]


def in_thousandths(mask: dict[str, Any]) -> dict[str, Any]:
    score = mask["score"]
    return {**mask, "score": None if score is None else math.floor(1000 * score)}


def test_masks_by_column_are_those_by_row(busy: Annotator) -> None:
    rows = busy.call("list_masks", **KEY)["masks"]
    columns = busy.call("list_masks", **KEY, form="columns")["masks"]

    assert unpacked(columns) == [in_thousandths(row) for row in rows]
    assert {row["approved"] for row in rows} == {row["absent"] for row in rows} == {True, False}
    assert columns["frames"] == [[0, 3], [5, 7]]


def test_a_pair_without_masks_has_empty_columns(ada: Annotator) -> None:
    columns = ada.call("list_masks", **KEY, form="columns")["masks"]

    assert unpacked(columns) == []


def test_a_video_opened_by_column_is_the_one_opened_by_row(busy: Annotator) -> None:
    by_row = busy.send("open_video", video_id="clip")
    by_column = busy.send("open_video", video_id="clip", form="columns")
    text = zlib.decompress(by_column["packed"])
    lists = json.loads(text)

    assert by_column["packed_from"] == len(text)
    for pair in lists["masks"]:
        pair["masks"] = unpacked(pair["masks"])
    for pair in by_row["masks"]:
        pair["masks"] = list(map(in_thousandths, pair["masks"]))
    assert lists["masks"] == by_row["masks"]
    assert lists["prompts"] == by_row["prompts"]
    assert lists["keypoints"] == by_row["keypoints"]
    assert {name: by_column[name] for name in ("rev", "instances", "last_seq")} == {
        name: by_row[name] for name in ("rev", "instances", "last_seq")
    }
    assert not {"prompts", "masks", "keypoints", "history"} & by_column.keys()


def test_the_history_by_column_is_the_one_by_row(busy: Annotator) -> None:
    by_row = busy.send("open_video", video_id="clip")["history"]
    packed = busy.send("open_video", video_id="clip", form="columns")["packed"]
    found = []
    for pair in json.loads(zlib.decompress(packed))["history"]:
        place = {name: pair.pop(name) for name in ("instance_id", "region")}
        read = {"frame_idx": frames_of(pair.pop("frames")), **{n: runs(pair[n]) for n in pair}}
        rows = zip(*read.values(), strict=True)
        found += [{**place, **dict(zip(read, row, strict=True))} for row in rows]

    assert len(found) > 3
    key = json.dumps
    assert sorted(found, key=key) == sorted(by_row, key=key)
