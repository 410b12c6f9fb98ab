"""Reads SA-V's JSON: run lengths of each object on every frame, or on every few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.coco.segmentations import mask_reader
from sam2_session.formats.importing.clips import note_other_video
from sam2_session.formats.importing.json_input import mapping, mappings, number, text, whole
from sam2_session.formats.importing.plan import ImportPlan, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder

NAME = "sa_v"
MAX_STEP = 1000


def is_sa_v(document: Any) -> bool:
    """Return whether this looks like a file of SA-V."""
    data = mapping(document)
    return isinstance(data.get("masklet"), list) and (
        "masklet_id" in data or "masklet_num" in data or "video_frame_count" in data
    )


def read_sa_v(document: Any, builder: PlanBuilder, first_frame: int = 0) -> ImportPlan:
    """Plan the import of a document; our manifest says at which frame of the video it begins."""
    data = mapping(document)
    rows = data["masklet"]
    note_other_video(text(data.get("video_id")), builder)
    step = _step(data, len(rows))
    if step > 1:
        why = f"Masks are given on every {step}th frame; those between are left to propagation."
        builder.notes.add(Outcome.NOTE, why)
    subjects: dict[int, Subject] = {}
    offset = first_frame + (builder.choices.frame_offset or 0)
    for at, row in enumerate(rows):
        where = f"frame {at * step + offset}"
        frame_idx = builder.frame(at * step + offset, where)
        if frame_idx is None or not isinstance(row, list):
            continue
        for order, encoded in enumerate(row):
            if encoded is None or _is_empty(encoded):
                continue
            read = mask_reader(encoded, builder.facts.size_hw, builder, where)
            if read is None:
                builder.skip("The mask is no run lengths.", f"{where}, object {order}")
                continue
            subject = subjects.setdefault(order, _subject(data, order, builder))
            builder.add_mask(subject, frame_idx, read)
    return builder.build(NAME)


def _step(data: Mapping[str, Any], rows: int) -> int:
    """Frames from one row to the next, by how many frames the file says the video has."""
    frames = number(data.get("video_frame_count"))
    return max(1, min(MAX_STEP, round(frames / rows))) if frames and rows else 1


def _subject(data: Mapping[str, Any], order: int, builder: PlanBuilder) -> Subject:
    pairs = list(mappings(data.get("pairs")))
    if order < len(pairs):  # written by this program
        row = pairs[order]
        instance_id, region = whole(row.get("instance_id")), text(row.get("region"))
        if instance_id and region and REGION_SLUG.fullmatch(region):
            return builder.subject(
                f"instance{instance_id}/{region}",
                str(instance_id),
                instance_id=instance_id,
                instance_name=text(row.get("name")),
                region=region,
                class_name=text(row.get("class_name")),
            )
    ids = data.get("masklet_id")
    named = ids[order] if isinstance(ids, list) and order < len(ids) else order
    return builder.subject(f"masklet {named}", f"masklet {named}")


def _is_empty(encoded: Any) -> bool:
    """Return whether run lengths hold nothing: one run of zeros alone."""
    counts, size = mapping(encoded).get("counts"), mapping(encoded).get("size")
    if isinstance(counts, list):
        return len(counts) == 1
    if not isinstance(counts, str) or not isinstance(size, list):
        return False
    return all(ord(char) - 48 >= 0x20 for char in counts[:-1]) and len(counts) <= 7
