"""Reads COCO and YouTube-VIS: masks as run lengths or polygons, boxes, keypoints."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.coco.images import Images, Place, Row, id_of
from sam2_session.formats.coco.segmentations import has_shape, mask_reader, rings_of
from sam2_session.formats.importing.json_input import mapping, mappings, number, text, whole
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import (
    ImportPlan,
    NamedPoint,
    Outcome,
    Subject,
    safe_text,
)
from sam2_session.formats.importing.plan_builder import PlanBuilder

NAME = "coco"
TRACK_NAMES = ("track_id", "instance_id", "object_id", "tracking_id")
TWO_CATEGORIES = "Several categories of the file have one id: the last name counts."
ORDER = (
    "Several objects of one category without ids: they became instances from left to right, which "
    "may change from frame to frame. Check them."
)


def is_coco(document: Any) -> bool:
    """Return whether this looks like COCO or YouTube-VIS."""
    data = mapping(document)
    return isinstance(data.get("annotations"), list) and (
        isinstance(data.get("images"), list) or isinstance(data.get("videos"), list)
    )


def read_coco(document: Any, builder: PlanBuilder) -> ImportPlan:
    """Plan the import of all annotations."""
    data = mapping(document)
    images = Images(data, builder)
    categories = {id_of(row.get("id")): row for row in mappings(data.get("categories"))}
    if len(categories) < len(list(mappings(data.get("categories")))):
        builder.notes.add(Outcome.WARNING, TWO_CATEGORIES)
    rows = data["annotations"]  # of a large file, each is read anew when asked for
    orders = _orders(rows)
    for at in sorted(range(len(rows)), key=lambda at: orders.get(at, 1)):
        row = mapping(rows[at])
        if not row:
            continue
        where = f"annotation {safe_text(row.get('id', at + 1), 40)}"
        category = mapping(categories.get(id_of(row.get("category_id"))))
        if orders.get(at) == 2:
            builder.notes.add(Outcome.WARNING, ORDER, where)
        reader = _Annotation(row, category, builder, orders.get(at, 1))
        if isinstance(row.get("segmentations"), list):
            reader.track(images, where)
        else:
            reader.single(images, where)
    return builder.build(NAME)


def _orders(rows: Sequence[Any]) -> dict[int, int]:
    """Number objects of one category on one image, which have no id of their own, left to right.

    Returns the number, from 1, by the place of the annotation in `rows`.
    """
    groups: dict[tuple[str | None, str | None], list[tuple[float, int]]] = {}
    for at, row in enumerate(map(mapping, rows)):
        if row and "segmentations" not in row and _instance_of(row) is None:
            key = (id_of(row.get("image_id")), id_of(row.get("category_id")))
            groups.setdefault(key, []).append((_left_edge(row), at))
    return {
        at: order
        for group in groups.values()
        for order, (_, at) in enumerate(sorted(group), start=1)
    }


def _left_edge(row: Row) -> float:
    box = row.get("bbox")
    left = number(box[0]) if isinstance(box, list) and box else None
    if left is None and isinstance(rings := row.get("segmentation"), list):
        edges = [
            float(ring[::2].min()) for ring in rings_of(rings) if ring is not None and len(ring)
        ]
        left = min(edges, default=None)
    return left if left is not None else 0.0


def _instance_of(row: Row) -> str | None:
    """Return the track or the name of an annotation's object; None if it states neither."""
    attributes = mapping(row.get("attributes"))
    tracks = (id_of(source.get(name)) for source in (attributes, row) for name in TRACK_NAMES)
    named = text(attributes.get("instance")) or text(attributes.get("name"))
    return named or next((track for track in tracks if track is not None), None)


class _Annotation:
    """One row of `annotations`: on one image, or of one object through a video."""

    def __init__(self, row: Row, category: Row, builder: PlanBuilder, order: int) -> None:
        self._row = row
        self._category = category
        self._builder = builder
        self._order = order  # among objects of its category on the image

    def single(self, images: Images, where: str) -> None:
        """Add the mask, else the keypoints, else the box of one image."""
        place = images.of_image(self._row.get("image_id"), where)
        if place is None:
            return
        subject = self._subject()
        points = self._row.get("keypoints")
        if has_shape(self._row.get("segmentation")):
            self._add_mask(subject, place, self._row["segmentation"], where)
        elif isinstance(points, list) and points:
            self._add_keypoints(subject, place, points, where)
        else:
            self._add_box(subject, place, self._row.get("bbox"), where)

    def track(self, images: Images, where: str) -> None:
        """Add a mask, or else a box, for each file name of the video."""
        masks, boxes = self._row["segmentations"], self._row.get("bboxes")
        pairs = zip_longest(masks, boxes if isinstance(boxes, list) else [])
        for at, (mask, box) in enumerate(pairs):
            if not mask and not box:
                continue
            place = images.of_video(self._row.get("video_id"), at, where)
            if place is None:
                continue
            if has_shape(mask):
                self._add_mask(self._subject(), place, mask, where)
            else:
                self._add_box(self._subject(), place, box, where)

    def _subject(self) -> Subject:
        attributes = mapping(self._row.get("attributes"))
        stated = text(attributes.get("region"))
        label = text(self._category.get("name")) or "(no category)"
        group, region = split_label(label, self._builder.choices.regions)
        if stated and REGION_SLUG.fullmatch(stated):
            region = stated
        ours = whole(attributes.get("instance_id"))
        named = text(attributes.get("instance")) or text(attributes.get("name"))
        return self._builder.subject(
            label,
            self._group(group),
            instance_id=ours if ours is not None and ours >= 1 else None,
            instance_name=named or group,
            region=region,
            class_name=text(attributes.get("class_name")),
        )

    def _group(self, in_label: str | None) -> str:
        """Name the instance: by its track or name, else by the label and the order."""
        stated = _instance_of(self._row)
        if stated is None and "segmentations" in self._row:
            stated = id_of(self._row.get("id"))
        if stated is not None:
            return stated
        if self._order == 1:
            return in_label or "1"
        return f"{in_label or ''}{self._order}"

    def _add_mask(self, subject: Subject, place: Place, shape: Any, where: str) -> None:
        read = mask_reader(shape, place.drawn_hw, self._builder, where)
        if read is None:
            self._builder.skip("The segmentation is neither run lengths nor polygons.", where)
        else:
            self._builder.add_mask(subject, place.frame_idx, read)

    def _add_box(self, subject: Subject, place: Place, box: Any, where: str) -> None:
        found = [number(value) for value in box] if isinstance(box, list) else []
        values = [value for value in found if value is not None]
        if len(values) != 4 or len(found) != 4:
            self._builder.skip("It has neither a mask nor a box.", where)
            return
        down, across = self._scale(place)
        x, y, width, height = values
        corners = (x * across, y * down, (x + width) * across, (y + height) * down)
        self._builder.add_box(subject, place.frame_idx, corners, where)

    def _add_keypoints(self, subject: Subject, place: Place, points: list[Any], where: str) -> None:
        names = self._category.get("keypoints")
        names = names if isinstance(names, list) else []
        derived = mapping(self._row.get("attributes")).get("derived")
        derived = derived if isinstance(derived, list) else []
        down, across = self._scale(place)
        for at in range(len(points) // 3):
            values = [number(value) for value in points[3 * at : 3 * at + 3]]
            x, y, visible = (values[0], values[1], values[2])
            if x is None or y is None or not visible:
                continue  # 0: not labelled
            known = text(names[at]) if at < len(names) else None
            name = known or f"point {at + 1}"
            point = NamedPoint(x * across, y * down, name, visible >= 2, name in derived)
            self._builder.add_keypoint(subject, place.frame_idx, point, where)

    def _scale(self, place: Place) -> tuple[float, float]:
        """Factors from the drawn picture to the video, down and across."""
        height, width = self._builder.facts.size_hw
        return height / place.drawn_hw[0], width / place.drawn_hw[1]
