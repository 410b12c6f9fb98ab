"""Makes batches, lists them, and changes their settings and order."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from sam2_session.core.clients import Client
from sam2_session.core.errors import Conflict, InvalidRequest, SessionError
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import UNFINISHED
from sam2_session.services.batches.book import BatchBook, new_items, require_count
from sam2_session.services.batches.cuts import frames_every, segments_from
from sam2_session.services.batches.records import Batch, BatchSettings
from sam2_session.services.batches.scene_cut_job import SceneCutJobs
from sam2_session.services.batches.states import BatchStates, ItemView, counts_of
from sam2_session.services.trash.trash import Trash
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.trash import TrashItem, TrashKind


class BatchService:
    """Everything about batches but the work on their items."""

    def __init__(
        self,
        videos: VideoService,
        book: BatchBook,
        states: BatchStates,
        scene_cuts: SceneCutJobs,
        trash: Trash,
        bus: EventBus,
    ) -> None:
        self._videos = videos
        self._book = book
        self._states = states
        self._scene_cuts = scene_cuts
        self._trash = trash
        trash.register(TrashKind.BATCH, self)
        self._bus = bus

    def start(self) -> None:
        """Read the batches, and go on with cuts that a stop interrupted."""
        self._book.load()
        for batch in self._book.all():
            self._go_on_cutting(batch)

    def list(self) -> dict[str, Any]:
        """List the batches with their counts and videos, oldest first."""
        return {
            "batches": [
                {**self.summary(batch), "video_ids": [item.video_id for item in batch.items]}
                for batch in self._book.all()
            ]
        }

    def get(self, batch_id: str) -> dict[str, Any]:
        """Return a batch with its items."""
        batch = self._book.get(batch_id)
        views = self._states.read(batch)
        return {**self.summary(batch, views), "items": [view.to_wire() for view in views]}

    def create_from_videos(self, name: str, video_ids: Sequence[str]) -> dict[str, Any]:
        """Make a batch of videos. Raises `VideoNotFound`, `InvalidRequest` for repeated ones."""
        _require_different(video_ids)
        for video_id in video_ids:
            self._videos.info(video_id)
        return self._create(name, video_ids)

    def create_from_folder(self, name: str | None, folder: str) -> dict[str, Any]:
        """Make a batch of what lies in a folder of videos/, in natural order."""
        return self._create(name or folder, self._videos.add_folder(folder))

    def create_from_cut(
        self,
        name: str | None,
        video_id: str,
        *,
        every_frames: int | None = None,
        every_s: float | None = None,
        frames: Sequence[int] | None = None,
    ) -> dict[str, Any]:
        """Cut a video into segments, and make a batch of them."""
        info = self._videos.probe(video_id)
        if frames is None:
            frames = frames_every(info, frames=every_frames, seconds=every_s)
        batch = self._add_to_cut(name or info.name, video_id, tuple(frames))
        try:
            self._cut(batch.batch_id, frames, None)
        except SessionError:
            self._book.discard(batch.batch_id)
            raise
        return self.get(batch.batch_id)

    def create_from_scene_cuts(self, name: str | None, video_id: str) -> dict[str, Any]:
        """Make a batch without items; a job finds the scene cuts, and adds the segments."""
        info = self._videos.probe(video_id)
        batch = self._add_to_cut(name or info.name, video_id, None)
        job_id = self._scene_cuts.begin(batch.batch_id, video_id, self._cut)
        self.announce(batch, [])
        return {**self.get(batch.batch_id), "job_id": job_id}

    def update(self, batch_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change name, settings, or the videos and their order; marks stay with their video."""
        if video_ids := changes.get("video_ids"):
            _require_different(video_ids)
            for video_id in video_ids:
                self._videos.info(video_id)

        def edit(batch: Batch) -> Batch:
            known = {item.video_id: item for item in batch.items}
            items = batch.items
            if video_ids:
                items = tuple(
                    known.get(video_id) or new_items([video_id])[0] for video_id in video_ids
                )
            settings = replace(batch.settings, **changes.get("settings", {}))
            _require_start(settings, len(items))
            return replace(
                batch, name=changes.get("name", batch.name), items=items, settings=settings
            )

        batch = self._book.change(batch_id, edit)
        self.announce(batch, self._states.read(batch))
        return self.get(batch_id)

    def delete(self, batch_id: str, client: Client | None = None) -> dict[str, Any]:
        """Move a batch to the trash; its videos stay."""
        processing = self._book.get(batch_id).processing
        if processing and processing.state in UNFINISHED:
            raise Conflict("This batch is being processed.", hint="Cancel that first.")
        batch, folder = self._book.remove(batch_id)
        by = client.to_wire() if client else None
        data = {"batch_id": batch_id, "name": batch.name, "trash_id": folder.name, "by": by}
        self._bus.publish(Event(EventName.BATCH_DELETED, data))
        self._trash.put(
            folder, TrashKind.BATCH, batch.name, video_id=None, client=client, batch_id=batch_id
        )
        return {"deleted": True, "batch_id": batch_id, "trash_id": folder.name}

    def restore_trashed(self, item: TrashItem, client: Client | None) -> dict[str, Any]:
        """Bring a deleted batch back, for the trash; videos deleted since are shown as such."""
        folder = self._trash.store.folder(item.trash_id)
        batch = self._book.bring_back(folder, item.details["batch_id"], item.name)
        self._trash.forget(item, client)
        self.announce(batch, self._states.read(batch))
        self._go_on_cutting(batch)
        return {"batch_id": batch.batch_id}

    def purge_trashed(self, item: TrashItem) -> None:
        """Do nothing: a deleted batch lies in the trash."""

    def trashed_folder(self, item: TrashItem) -> Path | None:
        """Return None: a deleted batch lies in the trash."""
        return None

    def untouched_segments(self, batch_id: str) -> Sequence[str]:
        """List the segments of a batch that nobody annotated, and no other batch lists."""
        batch = self._book.get(batch_id)
        return [
            view.video_id
            for view in self._states.read(batch)
            if view.video is not None
            and view.video.source is not None
            and not view.facts.prompted_frames
            and not view.facts.masks
            and len(self._book.holding(view.video_id)) == 1
        ]

    def summary(self, batch: Batch, views: Sequence[ItemView] | None = None) -> dict[str, Any]:
        """Describe a batch: `items` is how many it has."""
        views = self._states.read(batch) if views is None else views
        settings = batch.settings
        return {
            "batch_id": batch.batch_id,
            "name": batch.name,
            "created_at": batch.created_at,
            "items": len(batch.items),
            "counts": counts_of(views),
            "settings": {name: getattr(settings, name) for name in settings.__struct_fields__},
            "job_id": batch.processing.job_id if batch.processing else None,
            "on_hold": bool(batch.processing and batch.processing.on_hold),
            "cutting": batch.cut_video_id,
            "error": batch.cut_error,
        }

    def announce(
        self, batch: Batch, changed: Sequence[ItemView], views: Sequence[ItemView] | None = None
    ) -> None:
        """Announce a batch and its changed items to everybody; `views` are all its items."""
        data = {**self.summary(batch, views), "num_items": len(batch.items)}
        data["items"] = [view.to_wire() for view in changed]
        self._bus.publish(Event(EventName.BATCH_CHANGED, data))

    def _create(self, name: str, video_ids: Sequence[str]) -> dict[str, Any]:
        batch = self._book.add(name, time.time(), items=new_items(list(video_ids)))
        self.announce(batch, self._states.read(batch))
        return self.get(batch.batch_id)

    def _add_to_cut(self, name: str, video_id: str, frames: tuple[int, ...] | None) -> Batch:
        """Store a batch before its segments: a stop in between leaves none that belong to nothing.

        Raises `InvalidRequest` for frames that the video does not have.
        """
        if frames is not None:
            require_count(
                len(segments_from(video_id, frames, self._videos.frames.source_numbers(video_id)))
            )
        facts = {"cut_video_id": video_id, "cut_frames": frames, "cut_id": secrets.token_hex(8)}
        return self._book.add(name, time.time(), **facts)

    def _go_on_cutting(self, batch: Batch) -> None:
        """Finish a cut that a stop interrupted; what prevents it is noted."""
        if batch.cut_video_id is None:
            return
        if batch.cut_frames is None:
            self._scene_cuts.begin(batch.batch_id, batch.cut_video_id, self._cut)
            return
        try:
            self._videos.probe(batch.cut_video_id)
            self._cut(batch.batch_id, batch.cut_frames, None)
        except SessionError as error:
            self._cut(batch.batch_id, (), error.to_wire())

    def _cut(self, batch_id: str, firsts: Sequence[int], error: dict[str, Any] | None) -> None:
        """Add the segments that begin at these frames; those added before a stop are taken in."""
        cut = self._book.get(batch_id)
        video_id = cut.cut_video_id
        if video_id is None:
            return
        added: Sequence[str] = ()
        if error is None:
            segments = segments_from(video_id, firsts, self._videos.frames.source_numbers(video_id))
            require_count(len(segments))
            added = self._videos.add_segments(segments, cut.cut_id)
        batch = self._book.change(
            batch_id,
            lambda before: replace(
                before,
                items=(*before.items, *new_items(list(added))),
                cut_video_id=None,
                cut_frames=None,
                cut_error=error,
            ),
        )
        self.announce(batch, self._states.read(batch))


def _require_different(video_ids: Sequence[str]) -> None:
    if len(set(video_ids)) < len(video_ids):
        raise InvalidRequest("A video is in a batch once.", hint="Leave out the repeated ids.")


def _require_start(settings: BatchSettings, num_items: int) -> None:
    if settings.start_item > max(1, num_items):
        raise InvalidRequest(
            f"There is no item {settings.start_item} to start at.",
            hint=f"Items count from 1 to {num_items}.",
        )
