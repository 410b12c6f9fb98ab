"""Keeps an annotator's efforts in a file, a line each, so that a measurement can go on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.annotator_work import Cost, Effort


def keep_row(path: Path | None, row: Effort) -> None:
    """Append a row to the file, if there is to be one."""
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")


def kept_rows(path: Path | None) -> list[Effort]:
    """Read the rows that earlier calls kept; a line that was cut off counts as none."""
    if path is None or not path.exists():
        return []
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    path.write_text(f"{whole}\n" if whole else "", encoding="utf-8")
    return [_row(line) for line in whole.splitlines()]


def _row(line: str) -> Effort:
    fields = json.loads(line)
    for name in ("spent", "mean", "lowest"):
        fields[name] = fields[name] and Cost(**fields[name])
    for name in ("start", "end"):
        fields[name] = tuple(fields[name])
    return Effort(**fields)
