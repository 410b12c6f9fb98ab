"""Reads COCO's segmentations: polygons, drawn at any size, and run lengths."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask
from sam2_session.formats.coco.run_lengths import Counts, decode_rle, from_run_lengths
from sam2_session.formats.importing.json_input import Numbers, mapping, number_array, whole
from sam2_session.formats.importing.plan import MaskReader, Outcome
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.shapes import filled_shapes
from sam2_session.formats.shapes.resizing import resize_mask

MAX_PIXELS = 8192 * 8192
MIN_RING = 6  # numbers: three corners
Ring = Numbers | None


def has_shape(segmentation: Any) -> bool:
    """Return whether there is anything in a segmentation; an empty list of polygons is nothing."""
    if isinstance(segmentation, list):
        return any(ring for ring in segmentation if not isinstance(ring, int | float) or ring)
    return bool(segmentation)


def rings_of(segmentation: list[Any]) -> list[Ring]:
    """Read the polygons as x, y, x, y, …, None for a bad one; also one that is not nested."""
    if segmentation and all(isinstance(value, int | float) for value in segmentation):
        segmentation = [segmentation]
    return [number_array(ring) for ring in segmentation if isinstance(ring, list)]


def mask_reader(
    segmentation: Any, drawn_hw: tuple[int, int], builder: PlanBuilder, where: str
) -> MaskReader | None:
    """Return a reader of the mask, at the video's size; None if the shape is not known.

    `drawn_hw` is the size of the picture that polygons were drawn on; run lengths state theirs.
    A polygon that is none is left out, with a note.
    """
    size_hw = builder.facts.size_hw
    if isinstance(segmentation, list):
        rings = rings_of(segmentation)
        whole_rings = [ring for ring in rings if ring is not None and _is_ring(ring)]
        if not whole_rings:
            return None
        if len(whole_rings) < len(segmentation) and len(whole_rings) < len(rings):
            why = "A polygon of fewer than three corners was left out; the rest is read."
            builder.notes.add(Outcome.WARNING, why, where)
        scale_xy = (size_hw[1] / drawn_hw[1], size_hw[0] / drawn_hw[0])
        outlines = tuple(_outline(ring, scale_xy) for ring in whole_rings)
        return partial(filled_shapes.fill, outlines, size_hw)
    return _run_length_reader(segmentation, builder, where)


def _outline(ring: Numbers, scale_xy: tuple[float, float]) -> Numbers:
    corners: Numbers = ring.reshape(-1, 2) * scale_xy
    return corners


def _run_length_reader(shape: Any, builder: PlanBuilder, where: str) -> MaskReader | None:
    data = mapping(shape)
    sides = data.get("size")
    if not isinstance(sides, list) or len(sides) != 2:
        return None
    height, width = whole(sides[0]), whole(sides[1])
    if not height or not width or min(height, width) < 1 or height * width > MAX_PIXELS:
        return None
    if not isinstance(data.get("counts"), str | list):
        return None
    counts = data["counts"]
    builder.tell_size((height, width), where)
    lengths = counts if isinstance(counts, str) else _lengths(counts)
    return partial(_decode, lengths, (height, width), builder.facts.size_hw)


def _is_ring(ring: Numbers) -> bool:
    return len(ring) >= MIN_RING and len(ring) % 2 == 0


def _lengths(counts: list[Any]) -> Counts | None:
    """Pack run lengths into an array, which takes a quarter of the memory; None if one is none."""
    try:
        return np.array([whole(count) for count in counts], np.int64)
    except (TypeError, OverflowError):
        return None


def _decode(
    counts: str | Counts | None, drawn_hw: tuple[int, int], size_hw: tuple[int, int]
) -> BoolMask:
    try:
        if isinstance(counts, str):
            return resize_mask(decode_rle(counts.encode("ascii"), drawn_hw), size_hw)
        if counts is None:
            raise ValueError("a run length is no whole number")
        return resize_mask(from_run_lengths(counts, drawn_hw), size_hw)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidPrompt("The run lengths do not make a mask of their size.") from error
