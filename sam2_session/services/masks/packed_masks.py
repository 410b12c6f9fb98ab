"""Packs the facts of a pair's masks by column: a few bytes a mask, for clients that ask for it."""

from __future__ import annotations

import math
from typing import Any

from sam2_session.core.columns import runs_of, spans_of, steps_of
from sam2_session.storage.mask_columns import MaskColumns


def pack_masks(columns: MaskColumns, stale: list[bool]) -> dict[str, Any]:
    """Return what lists of masks hold, by column; `stale` has a value for each mask.

    `score` is in thousandths, rounded down, so that no bound is crossed.
    """
    scored = [score for score in columns.scores if score is not None]
    boxes = [box for box in columns.boxes if box]
    return {
        "frames": spans_of(columns.frames),
        "rev": steps_of(columns.revs),
        "source": runs_of(columns.sources),
        "run": runs_of(columns.runs),
        "has_score": runs_of(score is not None for score in columns.scores),
        "score": steps_of([math.floor(1000 * score) for score in scored]),
        "area": steps_of(columns.areas),
        "has_box": runs_of(box is not None for box in columns.boxes),
        "box": [steps_of(edge) for edge in zip(*boxes, strict=True)] if boxes else [[]] * 4,
        "stale": runs_of(stale),
        "approved": runs_of(map(bool, columns.approved)),
        "flags": runs_of(text.split() for text in columns.flags),
        "absent": runs_of(map(bool, columns.absent)),
        "cleaned": runs_of(map(bool, columns.cleaned)),
        "rejected": runs_of(reason is not None for reason in columns.rejections),
        "reason": runs_of(columns.rejections),
    }
