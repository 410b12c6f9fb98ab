"""One export while it is written: its source, its target, and the manifest of what was written."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sam2_session import __version__
from sam2_session.formats.exporting.archive import Archive
from sam2_session.formats.exporting.layers import paint_order
from sam2_session.formats.exporting.options import Values
from sam2_session.formats.exporting.source import ExportSource, MaskRead, Pair, Remarks

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
FramesDone = Generator[int, None, None]  # yields each finished frame_idx; closed to stop early
GONE = "masks that changed or were deleted after the export began"
NOT_DRAWN = "prompted frames whose masks are not drawn yet: export again once they are"
SIMPLIFIED = "masks of so many specks that their outlines lack the smallest: clean the masks"
MAX_SIMPLIFIED = 1000  # named in the manifest
EMPTY = "frames, on none of which there is a mask or a point of what was chosen"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The format, options and selection of an export, as the manifest repeats them.

    `number_offset` is added to the number of every frame in file names.
    """

    format: str
    options: Values
    selection: dict[str, Any]
    created_at: str
    number_offset: int = 0


class Export:
    """Gives a writer its masks and counts what it writes; `path` is the file to write.

    Each mask that is read leaves a line in a ledger beside `path`; the manifest is made from it.
    `check` is called before each mask, and raises if the export has to stop.
    """

    def __init__(
        self,
        source: ExportSource,
        request: ExportRequest,
        path: Path,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self.source = source
        self._check = check
        self.options = request.options
        self.number_offset = request.number_offset
        self.path = path
        self.remarks = Remarks()
        self.facts: dict[str, Any] = {}  # fields a format adds to the manifest
        self._request = request
        self._counts = {"masks": 0}
        self._ledger = path.with_name(".ledger").open("w+", encoding="utf-8")

    def __enter__(self) -> Export:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # its content is in the manifest by now
            self._ledger.close()
        self._ledger_path.unlink(missing_ok=True)

    def masks(self, frame_idx: int) -> Iterator[tuple[Pair, MaskRead]]:
        """Read the masks of a frame one by one, bottom layer first."""
        for pair in paint_order(self.source.pairs):
            if (read := self.read(pair, frame_idx)) is not None:
                yield pair, read

    def read(self, pair: Pair, frame_idx: int) -> MaskRead | None:
        """Read a mask to write it, and log it for the manifest; call it once per mask."""
        if not self.has_mask(pair, frame_idx):
            return None
        self._check()
        read = self.source.read_mask(pair, frame_idx)
        if read is None:
            self.remarks.add(GONE)
            return None
        key = {"instance_id": pair.instance_id, "region": pair.region}
        self._ledger.write(json.dumps({**key, **read.note.to_json()}) + "\n")
        self.count("masks")
        if read.note.absent:
            self.count("absent")
        return read

    def has_mask(self, pair: Pair, frame_idx: int) -> bool:
        """Return whether the selection has a mask of the pair on the frame."""
        frames = self.source.masked_frames(pair)
        at = bisect_left(frames, frame_idx)
        return at < len(frames) and frames[at] == frame_idx

    def is_masked(self, frame_idx: int) -> bool:
        """Return whether the selection has a mask of any pair on the frame."""
        return any(self.has_mask(pair, frame_idx) for pair in self.source.pairs)

    def number(self, frame_idx: int) -> str:
        """Write a frame's number for file names, as the options `digits` and `base` say."""
        number = frame_idx + self.number_offset + int(self.options["base"])
        return f"{number:0{self.options['digits']}d}"

    def simplified(self, pair: Pair, frame_idx: int, left_out: int) -> None:
        """Note that an outline lacks the smallest of too many pieces and holes."""
        self.remarks.add(SIMPLIFIED)
        key = {"instance_id": pair.instance_id, "region": pair.region}
        row = {"frame_idx": frame_idx, **key, "left_out": left_out}
        rows = self.facts.setdefault("simplified", [])
        if len(rows) < MAX_SIMPLIFIED:
            rows.append(row)

    def count(self, kind: str, by: int = 1) -> None:
        """Count something written, for the manifest."""
        self._counts[kind] = self._counts.get(kind, 0) + by

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """Open the ZIP to write; the manifest becomes its last entry."""
        with Archive(self.path) as archive:
            yield archive
            archive.add_file(MANIFEST, self.write_manifest())

    def write_manifest(self) -> Path:
        """Write the manifest beside the file, with one line per mask from the ledger."""
        path = self.path.with_name(MANIFEST)
        if not any(self._counts.values()):
            self.remarks.add(EMPTY, len(self.source.frames))
        head = json.dumps(self._head(), ensure_ascii=False, allow_nan=False, indent=1)
        self._ledger.flush()
        with path.open("w", encoding="utf-8") as file, self._ledger_path.open("r") as lines:
            file.write(head.removesuffix("\n}") + ',\n "masks": [')
            for at, line in enumerate(lines):
                file.write((",\n  " if at else "\n  ") + line.rstrip("\n"))
            file.write("]\n}\n")
        return path

    def finish(self) -> None:
        """Write the manifest, unless the format's writer did so already."""
        if not self.path.with_name(MANIFEST).exists():
            self.write_manifest()

    def summary(self) -> dict[str, Any]:
        """Counts, pairs, frames and remarks, for the list of exports and the manifest."""
        frames = self.source.frames
        return {
            "counts": dict(self._counts),
            "pairs": [pair.to_json() for pair in self.source.pairs],
            "frames": {"start": frames.start, "end": frames.stop - 1, "count": len(frames)},
            "remarks": dict(self.remarks.counts),
        }

    @property
    def _ledger_path(self) -> Path:
        return self.path.with_name(".ledger")

    def _head(self) -> dict[str, Any]:
        request, video, frames = self._request, self.source.video, self.source.frames
        return {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "sam2-session", "version": __version__},
            "created_at": request.created_at,
            "format": request.format,
            "options": dict(request.options),
            "selection": request.selection,
            **({"number_offset": request.number_offset} if request.number_offset else {}),
            "model": self.source.model,
            "video": {
                "video_id": video.video_id,
                "name": video.name,
                "sha256": video.sha256,
                "width": video.size_hw[1],
                "height": video.size_hw[0],
                "num_frames": video.num_frames,
                "fps": _fraction(video.fps),
                "time_base": _fraction(video.time_base),
            },
            **self.summary(),
            **self.facts,
            "frame_table": {
                "first_frame_idx": frames.start,
                "pts": list(video.pts[frames.start : frames.stop]),
                "source_numbers": list(video.source_numbers[frames.start : frames.stop]),
            },
        }


def _fraction(value: Any) -> str:
    return f"{value.numerator}/{value.denominator}"
