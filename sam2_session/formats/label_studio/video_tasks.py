"""Reads Label Studio's video tasks: keyframes become boxes or masks on our frames."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from sam2_session.formats.importing.json_input import mapping, mappings, number, whole
from sam2_session.formats.importing.label_names import instance_and_region
from sam2_session.formats.importing.plan import Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.label_studio import shapes
from sam2_session.formats.label_studio.frame_times import frame_of_keyframe, rate_of
from sam2_session.formats.label_studio.tasks import Annotation, Region, Task, regions_of
from sam2_session.formats.shapes import filled_shapes

Keyframe = Mapping[str, Any]
ONE_INSTANCE = (
    "Tracks of different regions that name no instance are of one: all that come first, …"
)


def read_video(task: Task, annotation: Annotation, builder: PlanBuilder) -> None:
    """Add every region of a video task; tracks of different regions are one instance.

    Labels or texts that name an instance go before that; others are instances of their own.
    """
    where = f"task {task.task_id}"
    parts: Counter[str] = Counter()  # regions seen that name no instance
    for region in regions_of(annotation, builder.notes, where):
        here = f"{where}, {region.region_id}"
        if region.kind not in ("videorectangle", "videovector"):
            builder.skip(f"{region.kind} belongs to images.", here)
            continue
        label = region.labels[0] if region.labels else "(no label)"
        group, part = instance_and_region(label, region.text, builder.choices.regions)
        own = group or region.region_id
        if part is not None and group is None:
            parts[part] += 1
            own = f"parts {parts[part]}"
            if len(parts) > 1:
                builder.notes.add(Outcome.NOTE, ONE_INSTANCE, here)
        subject = builder.subject(label, own, instance_name=group, region=part)
        if len(region.labels) > 1:
            why = "The region has several labels; the first counts."
            builder.notes.add(Outcome.WARNING, why, here)
        _read_region(region, subject, builder, here)


def keyframes_of(value: Keyframe) -> list[Keyframe]:
    """Keyframes set by a person, in order, without those that the export interpolated."""
    found = [
        keyframe
        for keyframe in mappings(value.get("sequence"))
        if keyframe.get("auto") is not True and (whole(keyframe.get("frame")) or 0) >= 1
    ]
    return sorted(found, key=lambda keyframe: number(keyframe["frame"]) or 0)


def visible_stretches(keyframes: Sequence[Keyframe], last: int) -> list[tuple[int, int]]:
    """Find the (first, last) frames, counted from 1, between which the region is visible.

    A keyframe that is not enabled ends a stretch on itself; the last enabled one holds to the end.
    """
    stretches: list[list[int]] = []
    ends = [whole(keyframe["frame"]) or 0 for keyframe in keyframes]
    for keyframe, (frame, following) in zip(
        keyframes, pairwise([*ends, max(last, ends[-1]) + 1 if ends else 1]), strict=True
    ):
        until = frame if keyframe.get("enabled") is False else following - 1
        if stretches and stretches[-1][1] >= frame - 1:
            stretches[-1][1] = until
        else:
            stretches.append([frame, until])
    return [(first, end) for first, end in stretches]


def _read_region(region: Region, subject: Subject, builder: PlanBuilder, where: str) -> None:
    value, facts = region.value, builder.facts
    everything = list(mappings(value.get("sequence")))
    keyframes = keyframes_of(value)
    filled_in = sum(keyframe.get("auto") is True for keyframe in everything)
    if filled_in:
        builder.notes.add(Outcome.NOTE, "Frames between keyframes are left to propagation.", where)
    if len(keyframes) + filled_in < len(everything):
        builder.skip("A keyframe has no frame number.", where)
    rate, count = rate_of(value, keyframes), whole(value.get("framesCount"))
    _note_gaps(keyframes, count or facts.num_frames, builder, where)
    for keyframe in keyframes:
        number_there = whole(keyframe["frame"]) or 1
        here = f"{where}, frame {number_there}"
        wanted = frame_of_keyframe(number_there, rate, count, facts)
        frame_idx = builder.frame(wanted, here, clamp=True)
        if frame_idx is not None:
            _add_keyframe(region.kind, keyframe, subject, frame_idx, builder, here)


def _add_keyframe(
    kind: str,
    keyframe: Keyframe,
    subject: Subject,
    frame_idx: int,
    builder: PlanBuilder,
    where: str,
) -> None:
    size_hw = builder.facts.size_hw
    if kind == "videorectangle":
        corners = shapes.rectangle(keyframe, size_hw)
        if corners is None:
            builder.skip("The keyframe has no whole rectangle.", where)
            return
        if number(keyframe.get("rotation")):
            why = "A turned rectangle became the upright box around it."
            builder.notes.add(Outcome.WARNING, why, where)
        builder.add_box(subject, frame_idx, filled_shapes.bounds(corners), where)
        return
    outline = shapes.vector(mapping(keyframe), size_hw)
    if outline is None:
        builder.skip("Only closed paths become masks.", where)
        return
    builder.add_mask(subject, frame_idx, partial(filled_shapes.fill, (outline,), size_hw))


def _note_gaps(keyframes: list[Keyframe], last: int, builder: PlanBuilder, where: str) -> None:
    for (_, end), (begin, _) in pairwise(visible_stretches(keyframes, last)):
        why = "It is absent for a while; say so to the model there, if it does not see it itself."
        builder.notes.add(Outcome.NOTE, why, f"{where}, frames {end + 1} to {begin - 1}")
