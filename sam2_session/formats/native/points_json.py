"""Reads points, boxes and keypoints from JSON: our own files, and flat lists of simple tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.importing.clips import note_other_video
from sam2_session.formats.importing.json_input import (
    mapping,
    mappings,
    number,
    numbers,
    text,
    whole,
)
from sam2_session.formats.importing.plan import NamedPoint, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder

NAME = "points_json"
Row = Mapping[str, Any]
FRAME_NAMES = ("frame_idx", "frame_index", "frame")
INSTANCE_NAMES = ("instance_id", "instance", "obj_id", "object_id", "track_id")


def is_points(document: Any) -> bool:
    """Return whether this looks like a document of points, prompts or keypoints."""
    if isinstance(document, list):
        first = next(mappings(document), {})
        return {"x", "y"} <= first.keys() and _frame(first) is not None
    data = mapping(document)
    return any(isinstance(data.get(name), list) for name in ("prompts", "keypoints", "frames"))


def read_points(document: Any, builder: PlanBuilder, where: str = "") -> None:
    """Add all prompts and keypoints of one document."""
    data = mapping(document)
    note_other_video(text(data.get("video")), builder, text(data.get("video_id")))
    rows = document if isinstance(document, list) else data.get("prompts")
    reader = _Reader(data, builder, where)
    if rows is not None:
        for at, row in enumerate(mappings(rows)):
            reader.plain(row, f"{where} prompt {at + 1}".strip())
    for row in mappings(data.get("frames")):
        reader.frame(row)
    for at, row in enumerate(mappings(data.get("keypoints"))):
        reader.keypoint(row, f"{where} keypoint {at + 1}".strip())


class _Reader:
    """Reads one document; its head names the instance, the region and the frame size."""

    def __init__(self, head: Row, builder: PlanBuilder, where: str) -> None:
        self._head = head
        self._builder = builder
        self._where = where
        self._scale = self._scale_of(head)
        self._offset = builder.choices.frame_offset or 0

    def plain(self, row: Row, where: str) -> None:
        """Add a flat row ``{frame_index, x, y, label}``, or one with a ``box``."""
        frame_idx = self._frame_idx(row, where)
        if frame_idx is None:
            return
        box, xy = row.get("box", row.get("bbox")), numbers(row, "x", "y")
        if isinstance(box, list):
            self._box(self._subject(row), frame_idx, box, where)
        elif xy is not None:
            self._point(self._subject(row), frame_idx, row, where)
        else:
            self._builder.skip("The prompt has no place.", where)

    def frame(self, row: Row) -> None:
        """Add one frame of ``points_<region>.json``."""
        where = f"{self._where} frame {row.get('frame_idx')}".strip()
        frame_idx = self._frame_idx(row, where)
        if frame_idx is None:
            return
        subject = self._subject(row)
        for point in mappings(row.get("points")):
            self._point(subject, frame_idx, point, where)
        if row.get("box") is not None:
            self._box(subject, frame_idx, row["box"], where)

    def keypoint(self, row: Row, where: str) -> None:
        """Add a keypoint."""
        frame_idx, xy = self._frame_idx(row, where), numbers(row, "x", "y")
        if frame_idx is None or xy is None:
            if frame_idx is not None:
                self._builder.skip("The keypoint has no place.", where)
            return
        x, y = xy[0] * self._scale[0], xy[1] * self._scale[1]
        name = text(row.get("name")) or text(row.get("label")) or "point"
        is_visible, is_derived = row.get("visible") is not False, row.get("derived") is True
        point = NamedPoint(x, y, name, is_visible, is_derived)
        self._builder.add_keypoint(self._subject(row), frame_idx, point, where)

    def _point(self, subject: Subject, frame_idx: int, row: Row, where: str) -> None:
        xy, label = numbers(row, "x", "y"), row.get("label", 1)
        label = int(label) if isinstance(label, bool) else whole(label)
        if xy is None:
            self._builder.skip("The point has no place.", where)
        elif label not in (0, 1):
            self._builder.skip("The point's label is neither 1 nor 0.", where)
        else:
            scaled = (xy[0] * self._scale[0], xy[1] * self._scale[1])
            self._builder.add_point(subject, frame_idx, scaled, label, where)

    def _box(self, subject: Subject, frame_idx: int, box: Any, where: str) -> None:
        values = [number(value) for value in box] if isinstance(box, list) else []
        corners = [value for value in values if value is not None]
        if len(corners) != 4 or len(values) != 4:
            self._builder.skip("The box is not [x0, y0, x1, y1].", where)
            return
        scaled = tuple(value * by for value, by in zip(corners, self._scale * 2, strict=True))
        self._builder.add_box(subject, frame_idx, scaled, where)

    def _frame_idx(self, row: Row, where: str) -> int | None:
        found = _frame(row)
        if found is None:
            self._builder.skip("It does not say its frame.", where)
            return None
        return self._builder.frame(found + self._offset, where)

    def _subject(self, row: Row) -> Subject:
        stated = (row.get(name, self._head.get(name)) for name in INSTANCE_NAMES)
        named = next((value for value in stated if value is not None), 1)
        number = whole(named)
        instance_id = number if number is not None and number >= 1 else None
        region = row.get("region", self._head.get("region"))
        region = region if isinstance(region, str) and REGION_SLUG.fullmatch(region) else None
        said = text(self._head.get("instance_name"))
        label = said or (f"instance{instance_id}" if instance_id else f"object {named}")
        return self._builder.subject(
            f"{label}/{region}" if region else label,
            str(instance_id or f"object {named}"),
            instance_id=instance_id,
            instance_name=said,
            region=region,
            class_name=text(self._head.get("class_name")),
        )

    def _scale_of(self, head: Row) -> tuple[float, float]:
        sides, (height, width) = numbers(head, "width", "height"), self._builder.facts.size_hw
        if sides is None or min(sides) < 1:
            return 1.0, 1.0
        self._builder.tell_size((round(sides[1]), round(sides[0])), self._where)
        return width / sides[0], height / sides[1]


def _frame(row: Row) -> int | None:
    return next(
        (found for name in FRAME_NAMES if (found := whole(row.get(name))) is not None), None
    )
