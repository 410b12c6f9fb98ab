"""Notices changes of videos that batches list, and announces the items that changed by them."""

from __future__ import annotations

from typing import Any

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.loops import Loop
from sam2_session.runtime import Condition, sleep
from sam2_session.services.batches.ahead import NextItems
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.batches.claims import Claims
from sam2_session.services.batches.service import BatchService
from sam2_session.services.batches.states import BatchStates

TOLD_BY = frozenset(
    {
        EventName.PROMPTS_CHANGED,
        EventName.INSTANCES_CHANGED,
        EventName.MASK_SAVED,
        EventName.MASK_DELETED,
        EventName.MASKS_CHANGED,
        EventName.MASKS_APPROVED,
        EventName.VIDEO_PROGRESS,
        EventName.VIDEO_DELETED,
        EventName.JOB_PROGRESS,
        EventName.JOB_ENDED,
        EventName.PRESENCE,
    }
)
GATHER_S = 0.3  # changes within this time are announced together


class BatchWatch:
    """Listens to every event, and reads the items of changed videos anew in its own thread."""

    def __init__(
        self,
        book: BatchBook,
        states: BatchStates,
        service: BatchService,
        ahead: NextItems,
        claims: Claims,
        bus: EventBus,
    ) -> None:
        self._book = book
        self._states = states
        self._service = service
        self._ahead = ahead
        self._claims = claims
        self._changed = Condition()
        self._video_ids: set[str] = set()
        # By batch and video; the moment tells a batch from one of before with its id
        self._last: dict[tuple[str, float, str], dict[str, Any]] = {}
        self._closing = False
        self._stop_listening = bus.subscribe(self.hear)
        self._loop = Loop(self._announce_changes, name="batch-watch")

    def close(self) -> None:
        """Stop listening."""
        self._stop_listening()
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._loop.join()

    def hear(self, event: Event) -> None:
        """Take in an event of this process, or of another one of the cluster."""
        if event.name not in TOLD_BY:
            return
        video_id = event.video_id or event.data.get("video_id")
        if event.name is EventName.VIDEO_DELETED and video_id is not None:
            self._claims.release_video(video_id)
        if not isinstance(video_id, str) or not self._book.holding(video_id):
            return
        with self._changed:
            self._video_ids.add(video_id)
            self._changed.notify_all()

    def _announce_changes(self) -> bool:
        video_ids = self._take()
        for video_id in video_ids:
            self._ahead.on_progress(video_id)
        if video_ids:
            self._announce(video_ids)
            sleep(GATHER_S)
        return bool(video_ids)

    def _take(self) -> set[str]:
        with self._changed:
            self._changed.wait_for(lambda: self._video_ids or self._closing)
            if self._closing:
                return set()
            taken, self._video_ids = self._video_ids, set()
            return taken

    def _announce(self, video_ids: set[str]) -> None:
        batches = {batch.batch_id: batch for v in video_ids for batch in self._book.holding(v)}
        for batch in batches.values():
            changed = []
            for view in self._states.read(batch, video_ids):
                key = (batch.batch_id, batch.created_at, view.video_id)
                wire = view.to_wire()
                if self._last.get(key) != wire:
                    self._last[key] = wire
                    changed.append(view)
            if changed:
                self._service.announce(batch, changed)
