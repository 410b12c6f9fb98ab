"""Background preparation of a video: check its file, probe it, extract its frames."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sam2_session.core.errors import SessionError, VideoNotFound
from sam2_session.services.videos.segment_frames import FrameMakers
from sam2_session.services.videos.sources import FrameMaker, probe_source
from sam2_session.services.videos.video_table import VideoRow, VideoTable
from sam2_session.storage import catalog
from sam2_session.storage.atomic import make_folder
from sam2_session.storage.attempts import reading
from sam2_session.storage.catalog import SourceState
from sam2_session.storage.extraction import CHECK_SPACE_EVERY, require_space
from sam2_session.storage.video_record import (
    Source,
    VideoRecord,
    hash_file,
    read_table,
    write_record,
)
from sam2_session.storage.workspace import Workspace

Steps = Generator[None, None, None]


class VideoPreparation:
    """Prepares videos in steps; between two of them it can be dropped and begun anew."""

    def __init__(
        self,
        workspace: Workspace,
        table: VideoTable,
        announce: Callable[[str], None],
        forget_frames: Callable[[str], None],
    ) -> None:
        self._workspace = workspace
        self._table = table
        self._announce = announce
        self._forget_frames = forget_frames
        self._frame_makers = FrameMakers(workspace, table)

    def steps(self, video_id: str) -> Steps:
        """Do all a video needs now; an error ends it and becomes the video's state."""
        with suppress(VideoNotFound):  # it was deleted meanwhile
            yield from self._all_steps(video_id)
            self._announce(video_id)

    def probe(self, video_id: str) -> None:
        """Learn size, rate and length, once; an error becomes the video's problem."""
        row = self._table.row(video_id)
        if row.record.probe or row.problem or not row.usable:
            return
        try:
            source = catalog.source_path(self._workspace, row.record)
            found = probe_source(source, source.name)
            if row.record.segment:
                found = replace(found, num_frames=row.record.segment.num_frames)
        except SessionError as error:
            self._table.update(video_id, problem=error)
            return
        record = replace(row.record, probe=found)
        write_record(self._workspace, record, None)
        self._table.update(video_id, record=record)

    def _all_steps(self, video_id: str) -> Steps:
        try:
            yield from self._settle_source(video_id)
            row = self._table.row(video_id)
            if not row.problem and row.usable and not row.record.complete:
                with reading(self._workspace, video_id, row.extracted):
                    yield from self._read_file(video_id)
        except SessionError as error:
            self._table.update(video_id, problem=error)
        finally:
            self._table.update(video_id, extraction=None)

    def _read_file(self, video_id: str) -> Steps:
        self.probe(video_id)
        yield
        row = self._table.row(video_id)
        if row.wanted and not row.problem:
            yield from self._extract(row)
        elif not row.extracted and not row.problem:
            yield from self._extract_first(row)

    def _settle_source(self, video_id: str) -> Steps:
        row = self._table.row(video_id)
        if row.source is SourceState.TOUCHED:
            yield from self._verify(row)
        row = self._table.row(video_id)
        if row.source is SourceState.REPLACED and catalog.is_pristine(self._workspace, video_id):
            catalog.start_over(self._workspace, video_id)
            self._forget_frames(video_id)
            record = row.record
            now = Source.of(catalog.source_path(self._workspace, record), record.source.name)
            fresh = VideoRecord(video_id, now, segment=record.segment)
            write_record(self._workspace, fresh, None)
            self._table.update(
                video_id, record=fresh, source=SourceState.SAME, extracted=0, problem=None
            )

    def _verify(self, row: VideoRow) -> Steps:
        """Compare the content of a file whose time changed but whose size did not."""
        record = row.record
        path = catalog.source_path(self._workspace, record)
        now = Source.of(path, record.source.name)
        digest = record.source.sha256
        if digest is not None:
            digest = yield from self._hash(path, now)
        if digest != record.source.sha256:
            self._table.update(record.video_id, source=SourceState.REPLACED)
            return
        table = read_table(self._workspace, record.video_id)
        record = replace(record, source=replace(now, sha256=digest))
        write_record(self._workspace, record, table)
        self._table.update(record.video_id, record=record, source=SourceState.SAME)

    def _extract_first(self, row: VideoRow) -> Steps:
        """Extract the first frame of a video that nobody opened: its picture in the list."""
        video_id = row.record.video_id
        for ready in self._extraction(row).run(limit=1):
            self._table.update(video_id, extracted=ready)
            self._announce(video_id)
            yield

    def _extraction(self, row: VideoRow) -> FrameMaker:
        video_id = row.record.video_id
        make_folder(self._workspace.frames_dir(video_id))
        return self._frame_makers.make(row, lambda idx: self._workspace.frame_path(video_id, idx))

    def _hash(self, path: Path, source: Source) -> Generator[None, None, str]:
        """Hash a file once, however many segments it has."""
        digest = self._table.known_digest(source)
        if digest is None:
            digest = yield from hash_file(path)
        return digest

    def _extract(self, row: VideoRow) -> Steps:
        video_id, path = row.record.video_id, catalog.source_path(self._workspace, row.record)
        extraction = self._extraction(row)
        self._table.update(video_id, extraction=extraction)
        for ready in extraction.run():
            if ready % CHECK_SPACE_EVERY == 1:
                require_space(self._workspace.outputs_dir, self._workspace.min_free_bytes)
            if ready > self._table.row(video_id).extracted:
                self._table.update(video_id, extracted=ready)
                self._announce(video_id)
            yield
        for _ in extraction.make_durable():
            yield
        digest = yield from self._hash(path, row.record.source)
        self._complete(row, extraction, digest)

    def _complete(self, row: VideoRow, extraction: FrameMaker, digest: str) -> None:
        record, table = row.record, extraction.table()
        now = Source.of(catalog.source_path(self._workspace, record), record.source.name)
        if (now.bytes, now.mtime_ns) != (record.source.bytes, record.source.mtime_ns):
            return  # replaced while it was read: the next look at videos/ settles it
        if record.probe is None:
            raise RuntimeError("A video is probed before it is extracted.")
        exact = replace(record.probe, num_frames=len(table.pts), fps=table.rate(record.probe.fps))
        record = replace(
            record,
            source=replace(now, sha256=digest),
            probe=exact,
            complete=True,
            note=extraction.note,
        )
        write_record(self._workspace, record, table)
        self._table.update(record.video_id, record=record, extracted=len(table.pts))
