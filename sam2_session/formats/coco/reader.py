"""Reads COCO and YouTube-VIS: masks as run lengths or polygons, boxes, keypoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import zip_longest
from typing import Any

import numpy as np

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import REGION_SLUG, BoolMask
from sam2_session.formats.coco.run_lengths import decode_rle, from_run_lengths
from sam2_session.formats.importing.frame_numbers import base_name, number_in, offset_of
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
from sam2_session.formats.shapes import filled_shapes
from sam2_session.formats.shapes.resizing import resize_mask

NAME = "coco"
MAX_PIXELS = 8192 * 8192
TRACK_NAMES = ("track_id", "instance_id", "object_id", "tracking_id")
Row = Mapping[str, Any]


def is_coco(document: Any) -> bool:
    """Whether this looks like COCO or YouTube-VIS."""
    data = mapping(document)
    return isinstance(data.get("annotations"), list) and (
        isinstance(data.get("images"), list) or isinstance(data.get("videos"), list)
    )


def read_coco(document: Any, builder: PlanBuilder) -> ImportPlan:
    """Plan the import of all annotations."""
    data = mapping(document)
    images = _Images(data, builder)
    categories = {whole(row.get("id")): row for row in mappings(data.get("categories"))}
    for at, row in enumerate(mappings(data.get("annotations"))):
        where = f"annotation {safe_text(row.get('id', at + 1), 40)}"
        reader = _Annotation(row, mapping(categories.get(whole(row.get("category_id")))), builder)
        if isinstance(row.get("segmentations"), list):
            reader.track(images, where)
        else:
            reader.single(images, where)
    plan = builder.build(NAME)
    return replace(plan, frame_offset=images.offset, first_file=images.first_file)


class _Images:
    """Finds the frame of an image, or of a file name in a video's list."""

    def __init__(self, data: Row, builder: PlanBuilder) -> None:
        self._builder = builder
        images = {whole(row.get("id")): row for row in mappings(data.get("images"))}
        videos = {whole(row.get("id")): row for row in mappings(data.get("videos"))}
        names = [text(row.get("file_name")) for row in images.values()]
        names += [name for row in videos.values() for name in _file_names(row)]
        known = {base_name(name) for name in names if name}
        numbers = {name: found for name in known if (found := number_in(name)) is not None}
        chosen = builder.choices.frame_offset
        stated = bool(images) and not videos and None not in map(_stated_frame, images.values())
        # Images that state their frame count from 0, whatever their names.
        found = 0 if stated else offset_of(numbers.values(), builder.facts.num_frames)
        self.offset: int | None = (found if chosen is None else chosen) if numbers else None
        self.first_file = min(numbers, key=lambda name: numbers[name], default=None)
        self._images, self._videos = images, videos
        self._order = {image_id: at for at, image_id in enumerate(images)}

    def of_image(self, image_id: int | None, where: str) -> int | None:
        row = self._images.get(image_id)
        if row is None:
            self._builder.skip("It belongs to no image of the file.", where)
            return None
        stated = _stated_frame(row)
        if stated is not None:
            return self._by_statement(stated, where)
        return self._by_name(text(row.get("file_name")), self._order[image_id], where)

    def of_video(self, video_id: int | None, at: int, where: str) -> int | None:
        names = _file_names(mapping(self._videos.get(video_id)))
        return self._by_name(names[at] if at < len(names) else None, at, where)

    def _by_statement(self, stated: Any, where: str) -> int | None:
        frame_idx = whole(stated)
        if frame_idx is None:  # guessing from the name would be the wrong frame
            self._builder.skip("Its image's frame number is none.", where)
            return None
        return self._builder.frame(frame_idx + (self._builder.choices.frame_offset or 0), where)

    def _by_name(self, name: str | None, order: int, where: str) -> int | None:
        found = number_in(base_name(name)) if name else None
        if found is None:
            why = "Its image's name has no frame number; images are taken in their order."
            self._builder.notes.add(Outcome.WARNING, why, where)
            return self._builder.frame(order + (self._builder.choices.frame_offset or 0), where)
        return self._builder.frame(found + (self.offset or 0), where)


def _stated_frame(image: Row) -> Any:
    """Frame that an image's row states, or None."""
    return image.get("frame_idx", image.get("frame_index"))


class _Annotation:
    """One row of `annotations`: on one image, or of one object through a video."""

    def __init__(self, row: Row, category: Row, builder: PlanBuilder) -> None:
        self._row = row
        self._category = category
        self._builder = builder

    def single(self, images: _Images, where: str) -> None:
        """Add the mask, else the keypoints, else the box of one image."""
        frame_idx = images.of_image(whole(self._row.get("image_id")), where)
        if frame_idx is None:
            return
        subject = self._subject()
        points = self._row.get("keypoints")
        if self._row.get("segmentation"):
            self._add_mask(subject, frame_idx, self._row["segmentation"], where)
        elif isinstance(points, list):
            self._add_keypoints(subject, frame_idx, points, where)
        else:
            self._add_box(subject, frame_idx, self._row.get("bbox"), where)

    def track(self, images: _Images, where: str) -> None:
        """Add a mask, or else a box, for each file name of the video."""
        masks, boxes = self._row["segmentations"], self._row.get("bboxes")
        pairs = zip_longest(masks, boxes if isinstance(boxes, list) else [])
        subject = self._subject()
        for at, (mask, box) in enumerate(pairs):
            if not mask and not box:
                continue
            frame_idx = images.of_video(whole(self._row.get("video_id")), at, where)
            if frame_idx is not None and mask:
                self._add_mask(subject, frame_idx, mask, where)
            elif frame_idx is not None:
                self._add_box(subject, frame_idx, box, where)

    def _subject(self) -> Subject:
        attributes = mapping(self._row.get("attributes"))
        rows = (attributes, self._row)
        track = next(
            (found for row in rows for name in TRACK_NAMES if (found := whole(row.get(name)))), None
        )
        if track is None and "segmentations" in self._row:
            track = whole(self._row.get("id"))
        named = text(attributes.get("instance")) or text(attributes.get("name"))
        label = text(self._category.get("name")) or "(no category)"
        stated = text(attributes.get("region"))
        group, region = split_label(label, self._builder.choices.regions)
        if stated and REGION_SLUG.fullmatch(stated):
            region = stated
        instance = named or (str(track) if track is not None else None) or group or "1"
        ours = whole(attributes.get("instance_id"))
        known = ours if ours is not None and ours >= 1 else None
        return self._builder.subject(
            label,
            instance,
            instance_id=known,
            instance_name=named or group,
            region=region,
            class_name=text(attributes.get("class_name")),
        )

    def _add_mask(self, subject: Subject, frame_idx: int, shape: Any, where: str) -> None:
        read = _mask_reader(shape, self._builder.facts.size_hw)
        if read is None:
            self._builder.skip("The segmentation is neither run lengths nor polygons.", where)
        else:
            self._builder.add_mask(subject, frame_idx, read)

    def _add_box(self, subject: Subject, frame_idx: int, box: Any, where: str) -> None:
        found = [number(value) for value in box] if isinstance(box, list) else []
        values = [value for value in found if value is not None]
        if len(values) != 4 or len(found) != 4:
            self._builder.skip("It has neither a mask nor a box.", where)
            return
        x, y, width, height = values
        self._builder.add_box(subject, frame_idx, (x, y, x + width, y + height), where)

    def _add_keypoints(
        self, subject: Subject, frame_idx: int, points: list[Any], where: str
    ) -> None:
        names = self._category.get("keypoints")
        names = names if isinstance(names, list) else []
        for at in range(len(points) // 3):
            values = [number(value) for value in points[3 * at : 3 * at + 3]]
            x, y, visible = (values[0], values[1], values[2])
            if x is None or y is None or not visible:
                continue  # 0: not labelled
            name = text(names[at]) if at < len(names) else None
            point = NamedPoint(x, y, name or f"point {at + 1}", visible >= 2)
            self._builder.add_keypoint(subject, frame_idx, point, where)


def _mask_reader(shape: Any, size_hw: tuple[int, int]) -> partial[BoolMask] | None:
    if isinstance(shape, list):
        rings = [[number(value) for value in ring] for ring in shape if isinstance(ring, list)]
        if len(rings) != len(shape) or not all(_is_ring(ring) for ring in rings):
            return None
        outlines = [np.array(ring, np.float64).reshape(-1, 2) for ring in rings]
        return partial(filled_shapes.fill, outlines, size_hw)
    data = mapping(shape)
    sides = data.get("size")
    if not isinstance(sides, list) or len(sides) != 2:
        return None
    height, width = whole(sides[0]), whole(sides[1])
    if not height or not width or min(height, width) < 1 or height * width > MAX_PIXELS:
        return None
    if not isinstance(data.get("counts"), str | list):
        return None
    return partial(_decode, data["counts"], (height, width), size_hw)


def _is_ring(ring: list[float | None]) -> bool:
    return len(ring) >= 6 and len(ring) % 2 == 0 and None not in ring


def _decode(
    counts: str | list[Any], drawn_hw: tuple[int, int], size_hw: tuple[int, int]
) -> BoolMask:
    try:
        if isinstance(counts, str):
            return resize_mask(decode_rle(counts.encode("ascii"), drawn_hw), size_hw)
        lengths = np.array([whole(count) for count in counts], np.int64)
        return resize_mask(from_run_lengths(lengths, drawn_hw), size_hw)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidPrompt("The run lengths do not make a mask of their size.") from error


def _file_names(row: Row) -> list[str | None]:
    names = row.get("file_names")
    return [text(name) for name in names] if isinstance(names, list) else []
