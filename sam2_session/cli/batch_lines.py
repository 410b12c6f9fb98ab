"""Prints a line for each video of a batch as soon as it is through."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sam2_session.cli.outcomes import PairOutcome, spans_text
from sam2_session.cli.progress import ProgressReport
from sam2_session.core.errors import SessionError

VIDEO_FAILED = 4  # the exit code when a video could not be processed


@dataclass(slots=True)
class VideoLine:
    """The outcome of one video of the folder."""

    path: Path
    video_id: str | None = None
    state: str = "failed"
    pairs: list[PairOutcome] = field(default_factory=list)
    export: Path | None = None
    error: SessionError | None = None

    @property
    def is_missing_masks(self) -> bool:
        """Return whether a frame that was tracked has no mask."""
        return any(pair.missing for pair in self.pairs)

    def to_json(self) -> dict[str, Any]:
        """Describe it for ``--json``."""
        return {
            "file": self.path.name,
            "video_id": self.video_id,
            "state": "failed" if self.error else self.state,
            "pairs": [pair.to_json() for pair in self.pairs],
            "export": str(self.export) if self.export else None,
            "error": self.error.to_wire() if self.error else None,
        }

    def to_line(self) -> str:
        """Describe it for people."""
        if self.error:
            return f"{self.path.name}: failed: {self.error.message} {self.error.hint}".rstrip()
        asked = sum(len(pair.asked) for pair in self.pairs)
        missing = [frame_idx for pair in self.pairs for frame_idx in pair.missing]
        pairs = f"{len(self.pairs)} pair" + ("" if len(self.pairs) == 1 else "s")
        line = f"{self.path.name}: {self.state}, {asked - len(missing)} of {asked} masks, {pairs}"
        line += f"; none on {spans_text(sorted(set(missing)))}" if missing else ""
        return line + (f"; {self.export}" if self.export else "")


class BatchLines:
    """The videos that are through, in the order in which they ended."""

    def __init__(self, report: ProgressReport, *, as_json: bool) -> None:
        self.ended: list[VideoLine] = []
        self._report = report
        self._as_json = as_json

    def has(self, path: Path) -> bool:
        """Return whether a video was told."""
        return any(line.path == path for line in self.ended)

    def tell(self, line: VideoLine) -> None:
        """Keep a video's line, and print it unless one document follows at the end."""
        self.ended.append(line)
        if not self._as_json:
            self._report.close()
            sys.stdout.write(f"{line.to_line()}\n")
            sys.stdout.flush()

    def kept(self) -> str:
        """Say how much is done, for a stop in between."""
        done = sum(line.error is None for line in self.ended)
        return f"{done} videos are done, and of the others what was made so far."
