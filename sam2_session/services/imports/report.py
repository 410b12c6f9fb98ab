"""Writes the report of a dry run: all items found, their targets, and the items left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.core.masks import mask_facts
from sam2_session.core.types import Box, Point
from sam2_session.formats.importing.plan import (
    ImportPlan,
    Item,
    MaskContent,
    Note,
    Outcome,
    Subject,
)
from sam2_session.services.imports.contents import count_items
from sam2_session.services.imports.options import ImportOptions, MasksAs
from sam2_session.services.imports.targets import Target

MAX_ITEMS = 200  # listed in the report; all items are counted
MAX_MEASURED = 24  # listed masks that are decoded for their area


def report_of(
    plan: ImportPlan,
    targets: Mapping[str, Target | None],
    options: ImportOptions,
    notes: Iterable[Note],
) -> dict[str, Any]:
    """Describe everything that an import would do."""
    remarks = [*plan.notes, *notes]
    left_out = Counter({outcome.value: 0 for outcome in Outcome})
    for note in remarks:
        left_out[note.outcome.value] += note.count
    return {
        "format": plan.format,
        "needs": plan.needs,
        "tasks": [task.to_wire() for task in plan.tasks],
        "annotators": [annotator.to_wire() for annotator in plan.annotators],
        "frame_offset": plan.frame_offset,
        "first_file": plan.first_file,
        "subjects": _subjects(plan, targets),
        "items": _items(plan, targets, options),
        "counts": {**count_items(plan), **left_out},
        "notes": [note.to_wire() for note in remarks],
    }


def _subjects(plan: ImportPlan, targets: Mapping[str, Target | None]) -> list[dict[str, Any]]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    frames: dict[str, set[int]] = defaultdict(set)
    for item in plan.items:
        kinds[item.subject][item.kind] += 1
        frames[item.subject].add(item.frame_idx)
    return [
        _subject(subject, kinds[subject.name], frames[subject.name], targets)
        for subject in plan.subjects
    ]


def _subject(
    subject: Subject,
    kinds: Counter[str],
    frames: set[int],
    targets: Mapping[str, Target | None],
) -> dict[str, Any]:
    target = targets.get(subject.name)
    return {
        "name": subject.name,
        "label": subject.label,
        "kinds": dict(kinds),
        "frames": len(frames),
        "first_frame": min(frames),
        "target": target.to_wire() if target else None,
    }


def _items(
    plan: ImportPlan,
    targets: Mapping[str, Target | None],
    options: ImportOptions,
) -> list[dict[str, Any]]:
    rows = []
    measured = 0
    for item in plan.items[:MAX_ITEMS]:
        target = targets.get(item.subject)
        shape = _shape(item)
        if isinstance(item.content, MaskContent) and measured < MAX_MEASURED:
            measured += 1
            shape = _measured(item.content)
        rows.append(
            {
                "frame_idx": item.frame_idx,
                "subject": item.subject,
                "kind": item.kind,
                "becomes": _becomes(item, options) if target else None,
                "target": target.to_wire() if target else None,
                **shape,
            }
        )
    return rows


def _becomes(item: Item, options: ImportOptions) -> str:
    content = item.content
    if isinstance(content, Point):
        return "positive point" if content.label else "negative point"
    if isinstance(content, MaskContent):
        return "mask prompt" if options.masks_as is MasksAs.PROMPTS else "imported mask"
    return "box" if isinstance(content, Box) else "keypoint"


def _shape(item: Item) -> dict[str, Any]:
    content = item.content
    if isinstance(content, Box):
        return {"box": content.to_wire()}
    if isinstance(content, MaskContent):
        return {}
    return {"point": [content.x, content.y]}


def _measured(content: MaskContent) -> dict[str, Any]:
    try:
        return mask_facts(content.read()).to_wire()
    except SessionError as error:
        return {"broken": error.message}
