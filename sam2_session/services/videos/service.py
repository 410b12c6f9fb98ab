"""Videos: list, open, upload, delete and restore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sam2_session import runtime
from sam2_session.core.clients import Client
from sam2_session.core.errors import (
    Conflict,
    SessionError,
    StorageFailed,
    VideoNotFound,
)
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.loops import Loop
from sam2_session.services.decoding.decoders import Decoders
from sam2_session.services.trash.trash import Trash
from sam2_session.services.videos.extraction_queue import ExtractionQueue
from sam2_session.services.videos.frame_repair import FrameRepair
from sam2_session.services.videos.growing_files import GrowingFiles
from sam2_session.services.videos.info import VideoInfo
from sam2_session.services.videos.preparation import VideoPreparation
from sam2_session.services.videos.video_frames import VideoFrames
from sam2_session.services.videos.video_row import describe
from sam2_session.services.videos.video_table import VideoTable
from sam2_session.storage import catalog
from sam2_session.storage.atomic import make_folder, sweep_temp_files
from sam2_session.storage.lock import held_lock, is_held, shared_file
from sam2_session.storage.trash import TrashItem, TrashKind
from sam2_session.storage.uploads import CUT_S, UploadStore
from sam2_session.storage.video_record import Segment, write_record
from sam2_session.storage.workspace import LOCK_NAME, Workspace

ANNOUNCE_EVERY_S = 0.2
SWEEP_EVERY_S = 600.0
Counts = Callable[[str], dict[str, Any]]


class VideoService:
    """Lists, extracts and deletes videos; every method may be called from any thread.

    `counts` gives the annotation counts of a video for its wire form; `forget_frames` is called
    when the frames of a video are gone and others may come under the same name.
    """

    def __init__(
        self,
        workspace: Workspace,
        bus: EventBus,
        *,
        counts: Counts | None = None,
        forget_frames: Callable[[str], None] = lambda _: None,
        trash: Trash | None = None,
        decoders: Decoders | None = None,
    ) -> None:
        self._workspace = workspace
        self._trash = trash or Trash(workspace, bus)
        self._trash.register(TrashKind.VIDEO, self)
        self._bus = bus
        self._counts = counts
        self._forget_frames = forget_frames
        self._table = VideoTable(workspace)
        self.reread = self._table.reread  # after a change by another process of a cluster
        self._decoders = decoders or Decoders()
        self._growing = GrowingFiles(self._read_whole)
        self._preparation = VideoPreparation(
            workspace, self._table, self._announce, forget_frames, self._decoders, self._growing.add
        )
        repair = FrameRepair(workspace, self._preparation.frame_makers, self._decoders)
        self.frames = VideoFrames(workspace, self._table, repair, self.info)
        self._queue = ExtractionQueue(self._preparation.steps, slots=runtime.usable_cores())
        self._uploads = UploadStore(workspace)
        self._closing = runtime.Signal()
        self._sweeper: Loop | None = None
        self._naming = runtime.Lock()  # two uploads must not take one name
        self._announced: dict[str, tuple[str, float]] = {}  # by video: state, and when

    def start(self) -> None:
        """Make the folders, clear leftovers, find the videos, resume stopped extractions.

        Temp files under outputs/ are swept: call it before anything else writes there.
        """
        make_folder(self._workspace.videos_dir)
        make_folder(self._workspace.outputs_dir)
        if not self._workspace.is_read_only and self._workspace.leases is None:
            self._sweep()
            self._uploads.sweep(CUT_S)
        self._sweeper = Loop(self._sweep_uploads, name="upload-sweep")
        self._table.load()
        for video_id in self._table.ids():
            if self._table.row(video_id).wanted:
                self._queue.push(video_id)
        self._scan()

    def close(self) -> None:
        """Stop the background threads; unfinished videos go on at the next start."""
        self._growing.close()
        self._queue.close()
        self._closing.set()
        if self._sweeper is not None:
            self._sweeper.join()

    def list(self) -> list[dict[str, Any]]:
        """Return every video in wire form, after a scan of videos/."""
        self._scan(rests=True)
        return [self.to_wire(video_id) for video_id in self._table.ids()]

    def to_wire(self, video_id: str) -> dict[str, Any]:
        """Return a video in wire form, with its annotation counts if there is a counter."""
        wire = self.info(video_id).to_wire()
        return {**wire, "counts": self._counts(video_id)} if self._counts else wire

    def info(self, video_id: str) -> VideoInfo:
        """Return a video as it is now; videos/ is looked at again for one not known yet.

        Raises `VideoNotFound`.
        """
        try:
            return self._table.info(video_id)
        except VideoNotFound:
            self._scan()
            return self._table.info(video_id)

    def find(self, video_id: str) -> VideoInfo | None:
        """Return a video, or None; videos/ is not looked at."""
        row = self._table.find(video_id)
        return describe(row) if row else None

    def open(self, video_id: str) -> dict[str, Any]:
        """Extract this video before others; return its wire form once its size is known.

        A file that is no video has ``state: failed`` and the reason.
        """
        self._scan(video_id)
        self._workspace.become_writer_of(video_id)
        if isinstance(self._table.row(video_id).problem, StorageFailed):
            self._table.update(video_id, problem=None)  # there may be space again
        row = self._table.update(video_id, wanted=True)
        self._preparation.probe(video_id)
        if not row.record.complete:
            self._queue.push(video_id, first=True)
        return self.to_wire(video_id)

    def try_again(self, video_id: str) -> dict[str, Any]:
        """Open a video whose frames could not be extracted, as if that had never been tried."""
        self._scan(video_id)
        row = self._table.row(video_id)
        if row.problem:
            record = replace(row.record, problem=None)
            if row.record.problem and not record.complete:  # else its frame table would go
                write_record(self._workspace, record, None)
            self._table.update(video_id, problem=None, record=record)
        return self.open(video_id)

    def adopt(self, video_id: str) -> None:
        """Go on with a video that another process of the cluster wrote to until now."""
        self._table.reread(video_id)
        self._queue.push(video_id)

    def let_go(self, video_id: str) -> None:
        """Stop working on a video: when this returns, nothing here writes its frames."""
        self._queue.drop(video_id)
        self._forget_frames(video_id)

    def damage(self, video_id: str) -> SessionError | None:
        """Return why the video's annotations could not be opened when last tried."""
        return self._table.row(video_id).damage

    def note_damage(self, video_id: str, error: StorageFailed | None) -> None:
        """Note why a video's annotations cannot be opened, or that they can; announce a change."""
        before = self._table.row(video_id).damage
        if (before and before.to_wire()) == (error and error.to_wire()):
            return
        self._table.update(video_id, damage=error)
        self._announce(video_id)

    def want(self, video_id: str) -> None:
        """Extract all frames of a video, behind those that people opened; it may be new.

        Raises `VideoNotFound`. A video whose file is broken or gone keeps its state.
        """
        self.info(video_id)
        row = self._table.row(video_id)
        if row.record.complete or row.wanted or row.problem or not row.usable:
            return
        self._table.update(video_id, wanted=True)
        self._preparation.probe(video_id)
        self._queue.push(video_id)

    def prepare(self, video_id: str) -> None:
        """Extract a video's frames behind those that people opened; its first frame before all.

        Nothing is done for a video whose frames are there.
        """
        row = self._table.row(video_id)
        if row.record.complete:
            return
        if row.extracted:
            self._table.update(video_id, wanted=True)
            self._queue.push(video_id)
        else:
            self._queue.push(video_id, first=True)

    def probe(self, video_id: str) -> VideoInfo:
        """Read a video's size, rate and length if they are not known. Raises its error."""
        self._scan(video_id)
        self._preparation.probe(video_id)
        info = self.info(video_id)
        if info.error:
            raise info.error
        return info

    def add_segments(self, segments: Sequence[Segment], cut_id: str = "") -> Sequence[str]:
        """Register segments of probed videos; return their ids. Their first frames follow.

        A cut that is repeated under its id registers none twice.
        """
        video_ids = self._table.add_segments(segments, cut_id)
        for video_id in video_ids:
            self._queue.push(video_id)
        return video_ids

    def add_folder(self, folder: str) -> Sequence[str]:
        """Register what lies in a folder of videos/, in natural order; return the video_ids.

        Raises `InvalidRequest` if there is no such folder, or no video in it.
        """
        self._scan()
        video_ids = []
        for path in catalog.files_in_folder(self._workspace, folder):
            video_id, is_new = self._table.add_file(path)
            video_ids.append(video_id)
            if is_new:
                self._queue.push(video_id)
        return video_ids

    def start_upload(self, name: str, max_bytes: int) -> dict[str, Any]:
        """Begin an upload; return where to write its bytes and how many there may be."""
        upload = self._uploads.start(name, max_bytes)
        path, limit = str(upload.path), upload.max_bytes
        return {"upload_id": upload.upload_id, "path": path, "max_bytes": limit}

    def finish_upload(self, upload_id: str) -> dict[str, Any]:
        """Check the uploaded file, name it, start to extract it; return its wire form."""
        with self._naming:
            path = self._uploads.finish(upload_id, self._decoders.probe)
            video_id, _ = self._table.add_file(path)
        return self.open(video_id)

    def abort_upload(self, upload_id: str) -> None:
        """Remove an upload and its bytes."""
        self._uploads.abort(upload_id)

    def delete(
        self,
        video_id: str,
        close: Callable[[], None] = lambda: None,
        client: Client | None = None,
    ) -> str:
        """Move file, frames and annotations to the trash; return the trash_id for `restore`.

        `close` releases the video's open files; it is called when the video is no longer listed.
        """
        if segments := self._table.segments_of(video_id):
            raise Conflict(
                f"{len(segments)} segments share the file of this video.",
                hint="Delete the segments first.",
            )
        row = self._table.remove(video_id)
        try:
            self._queue.drop(video_id)
            close()
            self._forget_frames(video_id)
            with held_lock(self._workspace.lock_path(video_id)):  # no other server has it open
                folder = catalog.video_to_trash(self._workspace, row.record)
        except BaseException:
            self._table.end_removal(row, back=True)
            raise
        self._table.end_removal(row, back=False)
        self._announced.pop(video_id, None)
        name = row.record.name
        self._trash.store.nest(video_id, folder)
        data = {"video_id": video_id, "name": name, "trash_id": folder.name}
        by = client.to_wire() if client else None
        self._bus.publish(Event(EventName.VIDEO_DELETED, {**data, "by": by}))
        self._trash.put(folder, TrashKind.VIDEO, name, video_id=video_id, client=client)
        return folder.name

    def restore(self, trash_id: str, client: Client | None = None) -> dict[str, Any]:
        """Bring a deleted video back. Raises `NotFound`, or `Conflict` if its names are taken."""
        with self._naming, shared_file(self._workspace.trash_dir):
            row = self._table.restore(lambda: catalog.from_trash(self._workspace, trash_id))
        item = self._trash.store.find(trash_id)
        self._trash.store.unnest(self._trash.store.folder(trash_id))
        self._trash.forget(item, client)
        video_id = row.record.video_id
        if not row.record.complete:
            self._queue.push(video_id)
        self._announce(video_id)
        return self.to_wire(video_id)

    def restore_trashed(self, item: TrashItem, client: Client | None) -> dict[str, Any]:
        """Bring a deleted video back, for the trash."""
        return {"video": self.restore(item.trash_id, client)}

    def purge_trashed(self, item: TrashItem) -> None:
        """Do nothing: all of a deleted video lies in the trash."""

    def trashed_folder(self, item: TrashItem) -> Path | None:
        """Return None: all of a deleted video lies in the trash."""
        return None

    def _sweep(self) -> None:
        """Remove temp files of killed writers, but not those another server is writing now."""
        for folder in self._workspace.outputs_dir.iterdir():
            if folder.is_dir() and not is_held(folder / LOCK_NAME):
                sweep_temp_files(folder)

    def _sweep_uploads(self) -> bool:
        if self._closing.wait(SWEEP_EVERY_S):
            return False
        self._uploads.sweep()
        return True

    def _read_whole(self, video_id: str) -> None:
        """Read the file of a video that was being written; it may have been deleted meanwhile."""
        with suppress(VideoNotFound):
            self._table.update(video_id, growing=False)
            self._scan()
            self._queue.push(video_id, first=self._table.row(video_id).wanted)

    def _scan(self, only: str | None = None, *, rests: bool = False) -> None:
        for video_id in self._table.scan(only, rests=rests):
            self._queue.push(video_id)

    def _announce(self, video_id: str) -> None:
        info, now = self.info(video_id), runtime.monotonic()
        state, when = self._announced.get(video_id, ("", 0.0))
        if info.state == state and now - when < ANNOUNCE_EVERY_S:
            return
        self._announced[video_id] = (info.state, now)
        self._bus.publish(Event(EventName.VIDEO_PROGRESS, self.to_wire(video_id)))
