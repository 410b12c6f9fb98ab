"""Table of all videos: their files under videos/ and how far each is extracted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sam2_session.core.errors import SessionError, StorageFailed, VideoNotFound
from sam2_session.runtime import RLock, monotonic
from sam2_session.services.videos.info import VideoInfo
from sam2_session.services.videos.video_row import UNSEEN, VideoRow, describe
from sam2_session.storage import catalog
from sam2_session.storage.catalog import SourceState
from sam2_session.storage.extraction import count_whole_frames
from sam2_session.storage.lock import shared_file
from sam2_session.storage.video_record import (
    Segment,
    Source,
    VideoRecord,
    read_record,
    recorded_ids,
)
from sam2_session.storage.workspace import Workspace

log = logging.getLogger(__name__)

RESTS = 9  # times as long as a look at all videos of a cluster takes
Stats = dict[str, Source | None]  # by name: the files as they are now


class VideoTable:
    """Rows by video_id, for any thread; a change replaces a row whole, so none is seen half."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._rows: dict[str, VideoRow] = {}
        self._infos: dict[str, tuple[VideoRow, VideoInfo]] = {}
        self._leaving: set[str] = set()  # names of files on their way to the trash
        self._read_at: dict[str, int | None] = {}  # in a cluster: time of the record that was read
        self._rests_until_s = 0.0
        self._lock = RLock()

    def load(self) -> None:
        """Fill the table from the `video.json` files."""
        with self._lock:
            for record in catalog.load_records(self._workspace).values():
                self._rows[record.video_id] = self._loaded(record)

    def _loaded(self, record: VideoRecord) -> VideoRow:
        """Return the row of a record at start; an error is that video's alone."""
        try:
            return self._restored(record)
        except OSError as error:
            log.error("%s: its frames cannot be read: %s", record.video_id, error)
            return VideoRow(replace(record, complete=False), problem=_unreadable(record, error))

    def scan(self, only: str | None = None, *, rests: bool = False) -> list[str]:
        """Compare with the files in videos/; return the videos that need work now.

        In a cluster, where all means many, one that is known is looked at alone, and with `rests`
        nothing is done for nine times as long as the last look at all has taken.
        """
        if self._workspace.leases is None:
            return self._scan()
        if only is not None and (found := self._look_at(only)) is not None:
            return found
        began_s = monotonic()
        if rests and began_s < self._rests_until_s:
            return []
        with self._lock, shared_file(self._workspace.outputs_dir / "catalog"):
            self._read_changed()
            found = self._scan()
        self._rests_until_s = monotonic() + RESTS * (monotonic() - began_s)
        return found

    def reread(self, video_id: str) -> None:
        """Read a video's record again, which another process may have changed."""
        with self._lock:
            self._read_at.pop(video_id, None)
            self._read_if_changed(video_id)

    def _look_at(self, video_id: str) -> list[str] | None:
        """Compare one video with its file; None if it is new or gone."""
        with self._lock:
            if video_id not in self._rows:
                return None
            if not self._workspace.video_json_path(video_id).is_file():
                return None
            if not self._workspace.is_writer_of(video_id):
                self._read_if_changed(video_id)
            return [video_id] if self._check_source(video_id) else []

    def _scan(self) -> list[str]:
        with self._lock:
            seen: Stats = {}
            changed = [video_id for video_id in list(self._rows) if self._has_work(video_id, seen)]
            if self._workspace.is_read_only:
                return changed
            known = {row.record.source.name for row in self._rows.values()} | self._leaving
            for path in catalog.video_files(self._workspace):
                if path.name not in known and (video_id := self._added(path)):
                    changed.append(video_id)
            return changed

    def _has_work(self, video_id: str, seen_now: Stats) -> bool:
        """Compare a video with its file; an error is that video's alone."""
        try:
            return self._check_source(video_id, seen_now)
        except SessionError as error:
            self._rows[video_id] = replace(self._rows[video_id], problem=error)
            return False

    def _added(self, path: Path) -> str | None:
        """Register a file that was found; None while that cannot be done."""
        try:
            record = catalog.register(self._workspace, path, self._rows)
        except SessionError as error:  # it is found again at the next look
            log.warning("%s is not listed yet: %s", path.name, error)
            return None
        self._add(record)
        return record.video_id

    def _read_changed(self) -> None:
        """Take in what other processes of the cluster registered, changed or deleted."""
        there = set(recorded_ids(self._workspace))
        for video_id in set(self._rows) - there:
            del self._rows[video_id]
        for video_id in there:
            if not self._workspace.is_writer_of(video_id):
                self._read_if_changed(video_id)

    def _read_if_changed(self, video_id: str) -> None:
        path = self._workspace.video_json_path(video_id)
        changed_at = path.stat().st_mtime_ns if path.exists() else None
        if video_id in self._rows and self._read_at.get(video_id) == changed_at:
            return
        self._read_at[video_id] = changed_at
        if record := read_record(self._workspace, video_id):
            self._rows[video_id] = self._restored(record)
            self._check_source(video_id)

    def add_file(self, path: Path) -> tuple[str, bool]:
        """Add a file below videos/; return its video_id, and whether it is new."""
        name = path.relative_to(self._workspace.videos_dir).as_posix()
        with self._lock:
            try:
                return self.id_of(name), False
            except VideoNotFound:
                record = catalog.register(self._workspace, path, self._rows)
                self._add(record)
                return record.video_id, True

    def add_segments(self, segments: Sequence[Segment], cut_id: str = "") -> list[str]:
        """Add segments of a probed video, all durable when this returns; return their ids.

        Those that a cut of this id added before are there already, and not added again.
        """
        with self._lock:
            known = {
                row.record.segment: video_id
                for video_id, row in self._rows.items()
                if cut_id and row.record.cut_id == cut_id
            }
            records = [
                replace(self._new_segment(segment, at), cut_id=cut_id)
                for at, segment in enumerate(segments, 1)
                if segment not in known
            ]
            catalog.write_many(self._workspace, records)
            for record in records:
                self._add(record)
            ids = known | {record.segment: record.video_id for record in records}
            return [ids[segment] for segment in segments]

    def segments_of(self, video_id: str) -> list[str]:
        """Return the segments that share this video's source."""
        with self._lock:
            return [
                other
                for other, row in self._rows.items()
                if row.record.segment and row.record.segment.video_id == video_id
            ]

    def find(self, video_id: str) -> VideoRow | None:
        """Return the row of a video, or None."""
        with self._lock:
            return self._rows.get(video_id)

    def known_digest(self, source: Source) -> str | None:
        """Return the sha256 of a file if one of its videos has it already."""
        same = (source.name, source.bytes, source.mtime_ns)
        with self._lock:
            for row in self._rows.values():
                other = row.record.source
                if other.sha256 and (other.name, other.bytes, other.mtime_ns) == same:
                    return other.sha256
        return None

    def ids(self) -> list[str]:
        """Return every video_id, in the order of the files' names; segments behind the whole."""
        with self._lock:
            return sorted(self._rows, key=lambda video_id: _order_of(self._rows[video_id].record))

    def id_of(self, name: str) -> str:
        """Return the video_id of a file under videos/. Raises `VideoNotFound`."""
        with self._lock:
            for video_id, row in self._rows.items():
                if row.record.source.name == name and not row.record.segment:
                    return video_id
        raise VideoNotFound(name[:80])

    def row(self, video_id: str) -> VideoRow:
        """Return the row of a video. Raises `VideoNotFound`."""
        with self._lock:
            row = self._rows.get(video_id) if isinstance(video_id, str) else None
        if row is None:
            raise VideoNotFound(str(video_id)[:80])
        return row

    def info(self, video_id: str) -> VideoInfo:
        """Describe a video, once for each of its rows. Raises `VideoNotFound`."""
        row = self.row(video_id)
        known = self._infos.get(video_id)
        if known is None or known[0] is not row:
            known = self._infos[video_id] = (row, describe(row))
        return known[1]

    def update(self, video_id: str, **changes: Any) -> VideoRow:
        """Replace fields of a row; return the new row."""
        with self._lock:
            row = self._rows[video_id] = replace(self.row(video_id), **changes)
            return row

    def remove(self, video_id: str) -> VideoRow:
        """Remove a row; `scan` does not find its file again while that is still there."""
        with self._lock:
            row = self.row(video_id)
            if row.record.segment is None:
                self._leaving.add(row.record.source.name)
            del self._rows[video_id]
            self._infos.pop(video_id, None)
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
            if row.record.segment is None:
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
            wanted=there > 1,  # the first is extracted of every video
            problem=record.problem,
        )

    def _add(self, record: VideoRecord) -> None:
        self._rows[record.video_id] = VideoRow(record)
        self._check_source(record.video_id)

    def _new_segment(self, segment: Segment, number: int) -> VideoRecord:
        whole = self.row(segment.video_id).record
        if whole.probe is None:
            raise RuntimeError("A video is probed before it is cut.")
        probe = replace(whole.probe, num_frames=segment.num_frames)
        wanted = f"{segment.video_id}-{number:03d}"
        video_id = catalog.free_id(self._workspace, wanted, self._rows)
        return VideoRecord(video_id, whole.source, probe, segment=segment)

    def _check_source(self, video_id: str, seen_now: Stats | None = None) -> bool:
        """Compare a row with its file; `seen_now` spares a second look at a shared file."""
        row = self._rows[video_id]
        seen_now = {} if seen_now is None else seen_now
        name = row.record.source.name
        if name not in seen_now:
            seen_now[name] = catalog.source_now(self._workspace, row.record)
        now = seen_now[name]
        seen = (now.bytes, now.mtime_ns) if now else None
        if seen == row.seen:
            return False
        source = catalog.compare_source(row.record, now)
        same = source is SourceState.SAME and row.seen == UNSEEN
        problem = row.problem if same else None  # another file, another chance
        self._rows[video_id] = replace(row, source=source, seen=seen, problem=problem)
        done = source is SourceState.SAME and row.record.complete
        return not done and source is not SourceState.MISSING


def _order_of(record: VideoRecord) -> tuple[str, int, str]:
    first = record.segment.first_frame if record.segment else -1
    return (record.source.name, first, record.video_id)


def _unreadable(record: VideoRecord, error: OSError) -> SessionError:
    return StorageFailed(
        f"The frames of {record.video_id} cannot be read: {error.strerror or error}.",
        hint="Make outputs/ readable for this user, then open the video again.",
    )
