"""Reads CVAT for video: boxes and points become prompts, other shapes become masks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import partial

from sam2_session.core.errors import InvalidPrompt, UnsupportedImport
from sam2_session.formats.cvat import shapes as cvat_shapes
from sam2_session.formats.cvat.elements import UNSUPPORTED, Document, Shape, read_shapes
from sam2_session.formats.images.png_images import MAX_SIDE
from sam2_session.formats.importing.clips import note_other_video, pick_clip
from sam2_session.formats.importing.json_input import number_of, whole
from sam2_session.formats.importing.label_names import split_label
from sam2_session.formats.importing.plan import ImportPlan, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.shapes import filled_shapes

NAME = "cvat"
ORDER = (
    "Several shapes of one label that are on one frame only: they became instances in the order of "
    "the file, which may change from frame to frame. Check them."
)
TURNED = "A turned rectangle became the upright box around it."
NUMBERED = re.compile(r"[1-9][0-9]{0,8}")  # a group that is an instance_id


def read_cvat_files(files: Mapping[str, bytes], builder: PlanBuilder) -> ImportPlan:
    """Plan the import of documents by their names; of several videos, of this one's alone.

    Raises `UnsupportedImport`.
    """
    documents = {name: read_shapes(data, name) for name, data in files.items()}
    clips: dict[str, list[str]] = {}
    for name, document in documents.items():
        clips.setdefault(document.source or "", []).append(name)
    chosen = pick_clip(clips, builder) if len(clips) > 1 else next(iter(clips))
    if len(clips) == 1:
        note_other_video(chosen, builder)
    for name in clips[chosen] if chosen is not None else ():
        _read_document(documents[name], builder)
    return builder.build(NAME)


def _read_document(document: Document, builder: PlanBuilder) -> None:
    reader = _Reader(builder, document)
    for at, shape in enumerate(document.shapes, start=1):
        where = f"{shape.kind} {at}"
        if shape.kind in UNSUPPORTED:
            builder.skip(f"A {shape.kind} is not read.", where)
        elif not shape.is_keyframe:
            why = "Frames between keyframes are left to propagation."
            builder.notes.add(Outcome.NOTE, why, where)
        else:
            reader.read(shape, where)


class _Reader:
    """Adds shapes, scaled from the frames they were drawn on to ours."""

    def __init__(self, builder: PlanBuilder, document: Document) -> None:
        drawn_hw = _size(document, builder.facts.size_hw)
        builder.tell_size(drawn_hw)
        self._instance_names = document.instance_names
        self._builder = builder
        self._size_hw = builder.facts.size_hw
        self._drawn_hw = drawn_hw
        self._scale = (self._size_hw[1] / drawn_hw[1], self._size_hw[0] / drawn_hw[0])
        self._offset = builder.choices.frame_offset or 0
        self._seen: Counter[tuple[str, int]] = Counter()  # shapes of a label that are no track

    def read(self, shape: Shape, where: str) -> None:
        """Add one shape, or note what is wrong with it."""
        frame = whole(number_of(shape.values.get("frame")))
        if frame is None:
            self._builder.skip("It does not say its frame.", where)
            return
        frame_idx = self._builder.frame(frame + self._offset, where)
        if frame_idx is not None:
            try:
                self._add(shape, frame_idx, where)
            except InvalidPrompt as error:
                self._builder.skip(error.message, where)

    def _add(self, shape: Shape, frame_idx: int, where: str) -> None:
        if shape.kind == "mask":
            read = cvat_shapes.mask_reader(shape.values, self._drawn_hw, self._size_hw)
            self._builder.add_mask(self._subject(shape, frame_idx, where), frame_idx, read)
            return
        points = cvat_shapes.outline(shape.kind, shape.values) * self._scale
        if shape.kind == "box":
            if number_of(shape.values.get("rotation")):
                self._builder.notes.add(Outcome.WARNING, TURNED, where)
            corners = filled_shapes.bounds(points)
            subject = self._subject(shape, frame_idx, where)
            self._builder.add_box(subject, frame_idx, corners, where)
        elif shape.kind == "points":
            subject = self._subject(shape, frame_idx, where)
            for x, y in points.tolist():
                self._builder.add_point(subject, frame_idx, (x, y), 1, where)
        else:
            fill = partial(filled_shapes.fill, (points,), self._size_hw)
            self._builder.add_mask(self._subject(shape, frame_idx, where), frame_idx, fill)

    def _subject(self, shape: Shape, frame_idx: int, where: str) -> Subject:
        """Name the subject by group, else by label, else by track, else by the order on a frame."""
        named, region = split_label(shape.label, self._builder.choices.regions)
        instance = shape.group or named or shape.track or self._order(shape, frame_idx, where)
        return self._builder.subject(
            shape.label,
            instance,
            instance_id=int(shape.group) if NUMBERED.fullmatch(shape.group) else None,
            instance_name=self._instance_names.get(shape.group, "").strip() or named,
            region=region,
        )

    def _order(self, shape: Shape, frame_idx: int, where: str) -> str:
        self._seen[(shape.label, frame_idx)] += 1
        order = self._seen[(shape.label, frame_idx)]
        if order == 2:
            self._builder.notes.add(Outcome.WARNING, ORDER, where)
        return str(order)


def _size(document: Document, size_hw: tuple[int, int]) -> tuple[int, int]:
    """Size of the frames it was drawn on; ours if the file does not say."""
    if document.height is None or document.width is None:
        return size_hw
    height, width = whole(number_of(document.height)), whole(number_of(document.width))
    if not height or not width or not 0 < min(height, width) <= max(height, width) <= MAX_SIDE:
        raise UnsupportedImport(
            f"The file says that its video is {document.width}x{document.height}."[:200],
            hint=f"A side has 1 to {MAX_SIDE} pixels.",
        )
    return height, width
