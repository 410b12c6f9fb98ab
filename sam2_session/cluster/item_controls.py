"""Lets home run the items of a batch on the member that has their videos."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from sam2_session.core.errors import ExportNotFound
from sam2_session.services.batches.batch_exports import ItemExport
from sam2_session.services.batches.item_runs import ItemRuns


def item_controls(items: ItemRuns) -> Mapping[str, Callable[..., Any]]:
    """Return the controls by name; each takes `video_id`, whose lease the member holds."""

    def collect(video_id: str, item: dict[str, Any], job_id: str) -> None:
        with suppress(ExportNotFound):  # collected before; the answer was lost with a member
            items.collect_export(ItemExport(**item), job_id)

    return {
        "has_frames": items.has_frames,
        "begin_run": items.begin,
        "begin_unless_done": items.begin_unless_done,
        "begin_export": lambda video_id, item: items.begin_export(ItemExport(**item)),
        "collect_export": collect,
        "job": lambda video_id, job_id: items.job(job_id),
        "cancel_job": lambda video_id, job_id: items.cancel_job(job_id),
    }
