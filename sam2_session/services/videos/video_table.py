"""Table of all videos: their files under videos/ and how far each is extracted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

from sam2_session.core.errors import SessionError, UnsupportedVideo, VideoNotFound
from sam2_session.folders import DEMO_CLIP
from sam2_session.runtime import RLock
from sam2_session.services.videos.info import VideoInfo, VideoState
from sam2_session.services.videos.sources import FrameMaker
from sam2_session.storage import catalog
from sam2_session.storage.attempts import crash_problem
from sam2_session.storage.catalog import SourceState
from sam2_session.storage.extraction import count_whole_frames
from sam2_session.storage.video_record import VideoRecord
from sam2_session.storage.workspace import Workspace

UNSEEN = (-1, -1)
GONE_NOTE = "The file is gone from videos/; its extracted frames are still here."


@dataclass(frozen=True, slots=True)
class VideoRow:
    """One video: its record, its file and its extraction; `describe` derives the state."""

    record: VideoRecord
    source: SourceState = SourceState.SAME
    seen: tuple[int, int] | None = UNSEEN  # size and time of the file `source` was found for
    extracted: int = 0
    wanted: bool = False  # somebody asked for its frames
    problem: SessionError | None = None  # why it went no further
    extraction: FrameMaker | None = None  # while it runs

    @property
    def usable(self) -> bool:
        """Whether frames can be extracted from the file under videos/."""
        return self.source in (SourceState.SAME, SourceState.TOUCHED)


class VideoTable:
    """Rows by video_id, for any thread; a change replaces a row whole, so none is seen half."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._rows: dict[str, VideoRow] = {}
        self._leaving: set[str] = set()  # names of files on their way to the trash
        self._lock = RLock()

    def load(self) -> None:
        """Fill the table from the `video.json` files."""
        with self._lock:
            for record in catalog.load_records(self._workspace).values():
                self._rows[record.video_id] = self._restored(record)

    def scan(self) -> list[str]:
        """Compare with the files in videos/; return the videos that need work now."""
        with self._lock:
            changed = [video_id for video_id in list(self._rows) if self._check_source(video_id)]
            known = {row.record.source.name for row in self._rows.values()} | self._leaving
            for path in catalog.video_files(self._workspace):
                if path.name not in known:
                    record = catalog.register(self._workspace, path, self._rows)
                    self._rows[record.video_id] = VideoRow(record)
                    self._check_source(record.video_id)
                    changed.append(record.video_id)
            return changed

    def ids(self) -> list[str]:
        """Return every video_id, in the order of the files' names."""
        with self._lock:
            names = sorted(
                (row.record.source.name, video_id) for video_id, row in self._rows.items()
            )
            return [video_id for _, video_id in names]

    def id_of(self, name: str) -> str:
        """Return the video_id of a file under videos/. Raises `VideoNotFound`."""
        with self._lock:
            for video_id, row in self._rows.items():
                if row.record.source.name == name:
                    return video_id
        raise VideoNotFound(name[:80])

    def row(self, video_id: str) -> VideoRow:
        """Return the row of a video. Raises `VideoNotFound`."""
        with self._lock:
            row = self._rows.get(video_id) if isinstance(video_id, str) else None
        if row is None:
            raise VideoNotFound(str(video_id)[:80])
        return row

    def update(self, video_id: str, **changes: Any) -> VideoRow:
        """Replace fields of a row; return the new row."""
        with self._lock:
            row = self._rows[video_id] = replace(self.row(video_id), **changes)
            return row

    def remove(self, video_id: str) -> VideoRow:
        """Remove a row; `scan` does not find its file again while that is still there."""
        with self._lock:
            row = self.row(video_id)
            self._leaving.add(row.record.source.name)
            del self._rows[video_id]
            return row

    def restore(self, bring: Callable[[], VideoRecord]) -> VideoRow:
        """Add the row of the record that `bring` returns; no `scan` runs meanwhile."""
        with self._lock:
            record = bring()
            self._rows[record.video_id] = self._restored(record)
            self._check_source(record.video_id)
            return self._rows[record.video_id]

    def end_removal(self, row: VideoRow, *, back: bool) -> None:
        """End a removal: the file is gone, or the video comes back."""
        with self._lock:
            self._leaving.discard(row.record.source.name)
            if back:
                self._rows[row.record.video_id] = row

    def _restored(self, record: VideoRecord) -> VideoRow:
        video_id, frame_path = record.video_id, self._workspace.frame_path
        limit = record.probe.num_frames if record.probe else 0
        if record.complete and frame_path(video_id, limit - 1).is_file():
            return VideoRow(record, extracted=limit)
        there = count_whole_frames(lambda idx: frame_path(video_id, idx), limit)
        return VideoRow(
            replace(record, complete=False),
            extracted=there,
            wanted=self._workspace.frames_dir(video_id).is_dir(),
            problem=crash_problem(self._workspace, record),
        )

    def _check_source(self, video_id: str) -> bool:
        row = self._rows[video_id]
        now = catalog.source_now(self._workspace, row.record)
        seen = (now.bytes, now.mtime_ns) if now else None
        if seen == row.seen:
            return False
        source = catalog.compare_source(row.record, now)
        problem = row.problem if row.seen == UNSEEN else None  # another file, another chance
        self._rows[video_id] = replace(row, source=source, seen=seen, problem=problem)
        done = source is SourceState.SAME and row.record.complete
        return not done and source is not SourceState.MISSING


def describe(row: VideoRow) -> VideoInfo:
    """Return what the program and the wire see of a row."""
    record, probe = row.record, row.record.probe
    state, error, note = _state(row)
    return VideoInfo(
        video_id=record.video_id,
        name=record.source.name,
        width=probe.width if probe else 0,
        height=probe.height if probe else 0,
        num_frames=max(probe.num_frames if probe else 0, row.extracted),
        extracted=row.extracted,
        fps=probe.fps if probe else Fraction(0),
        state=state,
        error=error,
        note=note,
        demo=record.source.bytes == _demo_bytes(),
    )


@cache
def _demo_bytes() -> int | None:
    """The size of the demo clip, by which copies of it are known under any name."""
    return DEMO_CLIP.stat().st_size if DEMO_CLIP.is_file() else None


def _state(row: VideoRow) -> tuple[VideoState, SessionError | None, str | None]:
    record = row.record
    if row.source is SourceState.REPLACED:
        return VideoState.FAILED, _replaced(record), None
    if record.complete:
        gone = GONE_NOTE if row.source is SourceState.MISSING else None
        return VideoState.READY, None, gone or record.note
    if row.source is SourceState.MISSING:
        return VideoState.FAILED, _missing(record), None
    if row.problem:
        return VideoState.FAILED, row.problem, None
    return (VideoState.EXTRACTING if row.wanted else VideoState.NEW), None, None


def _replaced(record: VideoRecord) -> SessionError:
    return UnsupportedVideo(
        f"{record.source.name} is not the file it was when it was annotated.",
        hint="Put the old file back, or give the new one another name; nothing is overwritten.",
    )


def _missing(record: VideoRecord) -> SessionError:
    return UnsupportedVideo(
        f"{record.source.name} is gone from videos/, and not all of its frames were extracted.",
        hint="Put the file back; its annotations are kept.",
    )
