"""Writes the HTML that shows the page in a cell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path

from sam2_session.core.errors import InvalidRequest

HEIGHT = "clamp(480px, 84vh, 1000px)"  # the page fits on the screen, with the cell above it
MIN_HEIGHT_PX = 300
SCRIPT = Path(__file__).with_name("show_page.js")


@dataclass(frozen=True, slots=True)
class Frame:
    """The page as a cell shows it.

    `origins` are those of notebooks that may show it; `near`: the server is on the browser's
    machine, and has any of its names.
    """

    url: str
    origins: Sequence[str]
    height: str
    near: bool


def html_of(frame: Frame, title: str, element_id: str) -> str:
    """Write the HTML of a cell; a notebook that is not trusted shows its link alone."""
    script = SCRIPT.read_text(encoding="utf-8")
    facts = json.dumps(asdict(frame)).replace("<", "\\u003c")  # no tag ends the script
    return (
        f'<div id="{element_id}"><p style="margin: 0 0 4px">{escape(title)} · '
        f'<a href="{escape(frame.url)}" target="_blank" rel="noopener">open in a tab</a></p></div>'
        f'<script>({script.rstrip()})("{element_id}", {facts});</script>'
    )


def css_height(height: int | str | None) -> str:
    """Write a height: pixels, or as CSS has it, such as ``80vh``. Raises `InvalidRequest`."""
    if not isinstance(height, int):
        return height or HEIGHT
    if height < MIN_HEIGHT_PX:
        raise InvalidRequest(f"A height of {height} pixels is too low: take {MIN_HEIGHT_PX}.")
    return f"{height}px"
