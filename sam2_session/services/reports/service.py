"""Writes the report of a video, or of a batch, as one HTML page that needs nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sam2_session import __version__
from sam2_session.core.errors import SessionError
from sam2_session.folders import RESOURCES
from sam2_session.services.reports.video_report import Depth, VideoReport, VideoReporter

OF_VIDEO = Depth(masks=1500, pictures=12)
OF_ITEM = Depth(masks=100, pictures=2)
MAX_DETAILED_ITEMS = 100  # of a batch; those behind them have a row of the table only
SPANS_SHOWN = 12


class ReportService:
    """Renders reports; `model` describes the model in use."""

    def __init__(
        self, reporter: VideoReporter, model: Callable[[], Mapping[str, Any] | None]
    ) -> None:
        self._reporter = reporter
        self._model = model
        self._pages = Environment(
            loader=FileSystemLoader(RESOURCES / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.filters |= {"time": _time, "spans": _spans, "share": _share, "bytes": _bytes}

    def of_video(self, video_id: str) -> bytes:
        """Render the report of a video. Raises `VideoNotFound`."""
        report = self._reporter.read(video_id, OF_VIDEO)
        return self._render("report/video.html", report=report)

    def of_batch(self, batch: Mapping[str, Any]) -> bytes:
        """Render the report of a batch, as `get_batch` describes it."""
        items = [self._item(row) for row in batch["items"]]
        return self._render("report/batch.html", batch=batch, items=items, most=MAX_DETAILED_ITEMS)

    def _item(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Read one item; one that cannot be read says why."""
        report: VideoReport | None = None
        error = row["error"]
        if row["item"] <= MAX_DETAILED_ITEMS:
            try:
                report = self._reporter.read(row["video_id"], OF_ITEM)
            except SessionError as unreadable:
                error = error or unreadable.to_wire()
        return {**row, "report": report, "error": error}

    def _render(self, template: str, **values: Any) -> bytes:
        page = self._pages.get_template(template)
        now = {"made_at": time.time(), "version": __version__, "model": self._model()}
        return page.render(**now, **values).encode()


def _time(seconds: float) -> str:
    """Write a time of the server's clock: ``2026-11-30 05:40``; empty if it was not noted."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds else ""


def _share(value: float) -> str:
    """Write a share like ``97 %``; never 100 % for less, nor 0 % for more."""
    if 0 < value < 0.01:
        return "< 1 %"
    return f"{99 if 0.99 < value < 1 else round(value * 100)} %"


def _spans(frames: Sequence[int] | Sequence[tuple[int, int]]) -> str:
    """Write frames or spans of them as text, the first dozen of them."""
    spans: list[tuple[int, int]] = []
    for item in frames:
        first, last = item if isinstance(item, tuple) else (item, item)
        if spans and spans[-1][1] == first - 1:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    shown = [f"{low}" if low == high else f"{low}-{high}" for low, high in spans[:SPANS_SHOWN]]
    more = len(spans) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _bytes(count: float) -> str:
    """Write a size like ``12 MB``."""
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
