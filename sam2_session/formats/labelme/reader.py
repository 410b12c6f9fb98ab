"""Reads LabelMe's JSON: shapes of one picture a file, with labels and group ids."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask
from sam2_session.formats.images.label_pictures import mask_in, read_picture
from sam2_session.formats.images.png_images import picture_size
from sam2_session.formats.importing.clips import only_this_clip
from sam2_session.formats.importing.frame_names import FrameNames, match_names
from sam2_session.formats.importing.json_input import (
    mapping,
    mappings,
    point_array,
    text,
    whole,
)
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import ImportPlan, Outcome, Subject, safe_text
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.shapes import filled_shapes
from sam2_session.formats.shapes.resizing import resize_mask

NAME = "labelme"
MAX_SIDE = 8192
CIRCLE_CORNERS = 64
ORDER = (
    "Several objects of one label without group ids: they became instances in the order of the "
    "file, which may change from frame to frame. Check them."
)
Points = npt.NDArray[np.float64]  # (n, 2): x, y in pixels of the picture drawn on


def is_labelme(document: Any) -> bool:
    """Return whether this looks like a file of LabelMe or X-AnyLabeling."""
    data = mapping(document)
    return isinstance(data.get("shapes"), list) and ("imagePath" in data or "imageHeight" in data)


def read_labelme(documents: Mapping[str, Any], builder: PlanBuilder) -> ImportPlan:
    """Plan the import of files by their paths; a file belongs to the picture that it names."""
    pictures = {
        path: text(mapping(doc).get("imagePath")) or path for path, doc in documents.items()
    }
    kept = only_this_clip(pictures.values(), builder)
    names = match_names(kept, builder)
    for order, (path, document) in enumerate(documents.items()):
        if pictures[path] in kept:
            _read_file(mapping(document), builder, names, order, (path, pictures[path]))
    return builder.build(NAME)


def _read_file(
    data: Mapping[str, Any],
    builder: PlanBuilder,
    names: FrameNames,
    order: int,
    named: tuple[str, str],
) -> None:
    path, picture = named
    frame_idx = names.frame_of(picture, order, path)
    if frame_idx is None:
        return
    reader = _Picture(builder, frame_idx, _size(data, builder.facts.size_hw))
    for at, shape in enumerate(mappings(data.get("shapes")), start=1):
        where = f"{path}, shape {at}"
        try:
            reader.read(shape, where)
        except InvalidPrompt as error:
            builder.skip(error.message, where)


class _Picture:
    """Adds the shapes of one picture, scaled from the size drawn on to the video's."""

    def __init__(self, builder: PlanBuilder, frame_idx: int, drawn_hw: tuple[int, int]) -> None:
        self._builder = builder
        self._frame_idx = frame_idx
        self._drawn_hw = drawn_hw
        height, width = builder.facts.size_hw
        self._scale_xy = (width / drawn_hw[1], height / drawn_hw[0])
        self._before: dict[str, int] = {}
        builder.tell_size(drawn_hw)

    def read(self, shape: Mapping[str, Any], where: str) -> None:
        """Add one shape. Raises `InvalidPrompt` if its points do not make one."""
        kind = text(shape.get("shape_type")) or "polygon"
        drawn = _points(shape.get("points"))
        points = drawn * self._scale_xy
        if kind == "rectangle" and len(points) >= 2:
            corners = filled_shapes.bounds(points)
            self._builder.add_box(self._subject(shape, where), self._frame_idx, corners, where)
        elif kind == "point" and len(points) == 1:
            x, y = points[0].tolist()
            subject = self._subject(shape, where)
            self._builder.add_point(subject, self._frame_idx, (x, y), 1, where)
        elif kind == "mask":
            read = partial(
                _mask, shape.get("mask"), drawn, self._drawn_hw, self._builder.facts.size_hw
            )
            self._builder.add_mask(self._subject(shape, where), self._frame_idx, read)
        elif (outline := _outline(kind, points)) is not None:
            fill = partial(filled_shapes.fill, (outline,), self._builder.facts.size_hw)
            self._builder.add_mask(self._subject(shape, where), self._frame_idx, fill)
        else:
            self._builder.skip(
                f"A {safe_text(kind, 40)} of {len(points)} points is not read.", where
            )

    def _subject(self, shape: Mapping[str, Any], where: str) -> Subject:
        label = text(shape.get("label")) or "(no label)"
        instance, region = split_label(label, self._builder.choices.regions)
        group = whole(shape.get("group_id"))
        if group is not None:
            known = group if self._builder.names_instance(group) else None
            said = text(shape.get("description")) if known else None
            if said and said in self._builder.choices.regions:  # written by this program
                region = said
            return self._builder.subject(
                label, str(group), instance_id=known, instance_name=instance, region=region
            )
        self._before[label] = order = self._before.get(label, 0) + 1
        if order == 2:
            self._builder.notes.add(Outcome.WARNING, ORDER, where)
        own = instance or "1" if order == 1 else f"{instance or ''}{order}"
        return self._builder.subject(label, own, instance_name=instance, region=region)


def _points(value: Any) -> Points:
    points = point_array(value)
    if points is None and value:
        raise InvalidPrompt("Its points are no pairs of numbers.")
    return np.empty((0, 2)) if points is None else points


def _outline(kind: str, points: Points) -> Points | None:
    if kind in ("polygon", "rotation") and len(points) >= 3:
        return points
    if kind == "circle" and len(points) == 2:  # its centre, and a point on it
        radius = float(np.hypot(*(points[1] - points[0])))
        turns = np.linspace(0, 2 * np.pi, CIRCLE_CORNERS, endpoint=False)
        circle: Points = points[0] + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        return circle
    return None


def _mask(
    encoded: Any, corners: Points, drawn_hw: tuple[int, int], size_hw: tuple[int, int]
) -> BoolMask:
    """Place the PNG of a shape, which covers its two corners' box, on the whole picture."""
    try:
        png = b64decode(str(encoded), validate=True)
    except ValueError as error:
        raise InvalidPrompt("The mask is no PNG in base64.") from error
    if len(corners) != 2:
        raise InvalidPrompt("The mask does not say where it lies.")
    tall, wide = picture_size(png)
    if tall > drawn_hw[0] or wide > drawn_hw[1]:
        raise InvalidPrompt("The mask is larger than its picture.")
    patch = mask_in(read_picture(png), light=1)
    left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
    mask: BoolMask = np.zeros(drawn_hw, bool)
    height = min(patch.shape[0], drawn_hw[0] - top)
    width = min(patch.shape[1], drawn_hw[1] - left)
    if top < 0 or left < 0 or height <= 0 or width <= 0:
        raise InvalidPrompt("The mask lies outside its picture.")
    mask[top : top + height, left : left + width] = patch[:height, :width]
    return resize_mask(mask, size_hw)


def _size(data: Mapping[str, Any], size_hw: tuple[int, int]) -> tuple[int, int]:
    height, width = whole(data.get("imageHeight")), whole(data.get("imageWidth"))
    if not height or not width or not 0 < min(height, width) <= max(height, width) <= MAX_SIDE:
        return size_hw
    return height, width
