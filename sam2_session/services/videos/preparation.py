"""Background preparation of a video: check its file, probe it, extract its frames."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sam2_session.core.errors import SessionError, StorageFailed, UnsupportedVideo, VideoNotFound
from sam2_session.services.decoding.decoder import Decoder
from sam2_session.services.decoding.decoders import AWAITED, LISTED, OPENED, Decoders, run_to_end
from sam2_session.services.decoding.sources import FrameMaker
from sam2_session.services.videos.segment_frames import FrameMakers
from sam2_session.services.videos.video_row import VideoRow
from sam2_session.services.videos.video_table import VideoTable
from sam2_session.storage import catalog
from sam2_session.storage.annotated import is_annotated
from sam2_session.storage.atomic import fsync_files, fsync_folder, make_folder
from sam2_session.storage.catalog import SourceState
from sam2_session.storage.extraction import CHECK_SPACE_EVERY, require_space
from sam2_session.storage.file_growth import is_being_written, may_be_growing
from sam2_session.storage.video_record import (
    Source,
    VideoRecord,
    hash_file,
    read_table,
    write_record,
)
from sam2_session.storage.workspace import Workspace

SYNCED_AT_ONCE = 64  # frames

Steps = Generator[None, None, None]

log = logging.getLogger(__name__)


class VideoPreparation:
    """Prepares videos in steps; between two of them it can be dropped and begun anew."""

    def __init__(
        self,
        workspace: Workspace,
        table: VideoTable,
        announce: Callable[[str], None],
        forget_frames: Callable[[str], None],
        decoders: Decoders,
        when_whole: Callable[[str, Path], None],
    ) -> None:
        self._workspace = workspace
        self._table = table
        self._decoders = decoders
        self._announce = announce
        self._forget_frames = forget_frames
        self._when_whole = when_whole
        self.frame_makers = FrameMakers(workspace, table)

    def steps(self, video_id: str, is_opened: bool) -> Steps:
        """Do all a video needs now; an error ends it and becomes the video's state.

        In a cluster, only what has the video's lease does it.
        """
        if not self._workspace.is_writer_of(video_id):
            return
        with suppress(VideoNotFound):  # it was deleted meanwhile
            yield from self._all_steps(video_id, OPENED if is_opened else LISTED)
            self._announce(video_id)

    def probe(self, video_id: str) -> None:
        """Learn size, rate and length, once; an error becomes the video's problem."""
        self._workspace.require_writer(video_id)
        with self._decoders.open(AWAITED) as decoder:
            try:
                run_to_end(self._probe(video_id, decoder))
            except SessionError as error:
                self._fail_unless_growing(video_id, error)

    def _probe(self, video_id: str, decoder: Decoder) -> Steps:
        row = self._table.row(video_id)
        if row.record.probe or row.problem or not row.usable or row.growing:
            return
        if self._wait_if(is_being_written, row):
            return
        source = catalog.source_path(self._workspace, row.record)
        found = yield from decoder.probe(source, source.name)
        if row.record.segment:
            found = replace(found, num_frames=row.record.segment.num_frames)
        record = replace(row.record, probe=found, problem=None)
        write_record(self._workspace, record, None)
        self._table.update(video_id, record=record)

    def _fail_unless_growing(self, video_id: str, error: SessionError) -> None:
        """Keep why a video goes no further, unless its file may still be coming in."""
        if not self._wait_if(may_be_growing, self._table.row(video_id)):
            self._fail(video_id, error)

    def _fail(self, video_id: str, error: SessionError) -> None:
        """Keep why a video goes no further; what its file is to blame for, over a restart, too."""
        record = self._table.row(video_id).record
        if isinstance(error, UnsupportedVideo) and not record.complete:
            record = replace(record, problem=error)
            with suppress(StorageFailed):  # then it is tried again at the next start
                write_record(self._workspace, record, None)
        self._table.update(video_id, problem=error, record=record)

    def _all_steps(self, video_id: str, niceness: int) -> Steps:
        try:
            yield from self._settle_source(video_id)
            row = self._table.row(video_id)
            if row.problem or not row.usable or row.record.complete or row.growing:
                return
            if not self._wait_if(is_being_written, row):
                with self._decoders.open(niceness) as decoder:
                    yield from self._read_file(video_id, decoder)
        except SessionError as error:
            self._fail_unless_growing(video_id, error)
        except Exception as error:  # noqa: BLE001 - boundary: it is the error of one video
            log.exception("%s cannot be prepared", video_id)
            self._fail(video_id, _unforeseen(video_id, error))
        finally:
            self._table.update(video_id, extraction=None)

    def _read_file(self, video_id: str, decoder: Decoder) -> Steps:
        yield from self._probe(video_id, decoder)
        yield
        row = self._table.row(video_id)
        if row.growing:
            return
        if row.wanted and not row.problem:
            yield from self._extract(row, decoder)
        elif not row.extracted and not row.problem:
            yield from self._extract_first(row, decoder)

    def _settle_source(self, video_id: str) -> Steps:
        row = self._table.row(video_id)
        if row.source is SourceState.TOUCHED:
            yield from self._verify(row)
        row = self._table.row(video_id)
        if row.source is not SourceState.CHANGED:
            return
        if is_annotated(self._workspace, video_id):
            self._table.update(video_id, source=SourceState.REPLACED)
        else:
            self._start_over(row)

    def _start_over(self, row: VideoRow) -> None:
        record, video_id = row.record, row.record.video_id
        catalog.start_over(self._workspace, video_id)
        self._forget_frames(video_id)
        now = Source.of(catalog.source_path(self._workspace, record), record.source.name)
        fresh = VideoRecord(video_id, now, segment=record.segment)
        write_record(self._workspace, fresh, None)
        self._table.update(
            video_id, record=fresh, source=SourceState.SAME, extracted=0, problem=None
        )

    def _wait_if(self, is_growing: Callable[[Path], bool], row: VideoRow) -> bool:
        """Return whether the file is still being written; it is then read once it is whole."""
        path = catalog.source_path(self._workspace, row.record)
        if not is_growing(path):
            return False
        self._table.update(row.record.video_id, growing=True)
        self._when_whole(row.record.video_id, path)
        return True

    def _verify(self, row: VideoRow) -> Steps:
        """Compare the content of a file whose time changed but whose size did not."""
        record = row.record
        path = catalog.source_path(self._workspace, record)
        now = Source.of(path, record.source.name)
        digest = record.source.sha256
        if digest is not None:
            digest = yield from self._hash(path, now)
        if digest != record.source.sha256:
            self._table.update(record.video_id, source=SourceState.CHANGED)
            return
        table = read_table(self._workspace, record.video_id)
        record = replace(record, source=replace(now, sha256=digest), problem=None)
        write_record(self._workspace, record, table)
        self._table.update(record.video_id, record=record, source=SourceState.SAME)

    def _extract_first(self, row: VideoRow, decoder: Decoder) -> Steps:
        """Extract the first frame of a video that nobody opened: its picture in the list."""
        video_id = row.record.video_id
        extraction = yield from self._extraction(row, decoder)
        for ready in extraction.run(limit=1):
            if ready:
                self._table.update(video_id, extracted=ready)
                self._announce(video_id)
            yield

    def _extraction(self, row: VideoRow, decoder: Decoder) -> Generator[None, None, FrameMaker]:
        video_id = row.record.video_id
        make_folder(self._workspace.frames_dir(video_id))

        def frame_path(frame_idx: int) -> Path:
            return self._workspace.frame_path(video_id, frame_idx)

        return (yield from self.frame_makers.make(row, frame_path, decoder))

    def _make_durable(self, video_id: str, frames: int) -> Steps:
        """Fsync every frame, some at once, then their folder."""
        paths = [self._workspace.frame_path(video_id, frame_idx) for frame_idx in range(frames)]
        for at in range(0, frames, SYNCED_AT_ONCE):
            fsync_files(paths[at : at + SYNCED_AT_ONCE])
            yield
        fsync_folder(self._workspace.frames_dir(video_id))

    def _hash(self, path: Path, source: Source) -> Generator[None, None, str]:
        """Hash a file once, however many segments it has."""
        digest = self._table.known_digest(source)
        if digest is None:
            digest = yield from hash_file(path)
        return digest

    def _extract(self, row: VideoRow, decoder: Decoder) -> Steps:
        video_id, path = row.record.video_id, catalog.source_path(self._workspace, row.record)
        extraction = yield from self._extraction(row, decoder)
        self._table.update(video_id, extraction=extraction)
        for ready in extraction.run():
            if ready % CHECK_SPACE_EVERY == 1:
                require_space(self._workspace.outputs_dir, self._workspace.min_free_bytes)
            if ready > self._table.row(video_id).extracted:
                self._table.update(video_id, extracted=ready)
                self._announce(video_id)
            yield
        is_damaged = extraction.note != extraction.frame_note
        if is_damaged and self._wait_if(may_be_growing, row):
            return  # it seemed cut short
        yield from self._make_durable(video_id, len(extraction.table().pts))
        digest = yield from self._hash(path, row.record.source)
        self._complete(row, extraction, digest)

    def _complete(self, row: VideoRow, extraction: FrameMaker, digest: str) -> None:
        record, table = row.record, extraction.table()
        path = catalog.source_path(self._workspace, record)
        now = Source.of(path, record.source.name)
        if (now.bytes, now.mtime_ns) != (record.source.bytes, record.source.mtime_ns):
            self._table.update(record.video_id, growing=True)  # or it was replaced meanwhile
            self._when_whole(record.video_id, path)
            return
        if record.probe is None:
            raise RuntimeError("A video is probed before it is extracted.")
        exact = replace(record.probe, num_frames=len(table.pts), fps=table.rate(record.probe.fps))
        record = replace(
            record,
            source=replace(now, sha256=digest),
            probe=exact,
            complete=True,
            note=extraction.note,
            frame_note=extraction.frame_note,
            problem=None,
        )
        write_record(self._workspace, record, table)
        self._table.update(record.video_id, record=record, extracted=len(table.pts))


def _unforeseen(video_id: str, error: Exception) -> StorageFailed:
    return StorageFailed(
        f"The frames of {video_id} cannot be made: {error or type(error).__name__}.",
        hint="The server's log has the details; other videos are not affected.",
    )
