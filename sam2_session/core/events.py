"""Events: facts that the services announce, and the bus that delivers them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

log = logging.getLogger(__name__)


class EventName(StrEnum):
    """Every server-to-client event, under its wire name."""

    MASK = "mask"
    QUEUED = "queued"
    MASK_SAVED = "mask_saved"
    MASK_DELETED = "mask_deleted"
    MASKS_CHANGED = "masks_changed"
    MASKS_APPROVED = "masks_approved"
    CLEANING_CHANGED = "cleaning_changed"
    PROMPTS_CHANGED = "prompts_changed"
    KEYPOINTS_CHANGED = "keypoints_changed"
    CHANGE_TAKEN_BACK = "change_taken_back"
    INSTANCES_CHANGED = "instances_changed"
    REGIONS_CHANGED = "regions_changed"
    REGION_RULES_CHANGED = "region_rules_changed"
    CLASSES_CHANGED = "classes_changed"
    PRESENCE = "presence"
    VIDEO_PROGRESS = "video_progress"
    VIDEO_DELETED = "video_deleted"
    BATCH_CHANGED = "batch_changed"
    BATCH_DELETED = "batch_deleted"
    TRASH_CHANGED = "trash_changed"
    HOST_STATE = "host_state"
    RESYNC = "resync"
    JOB_PROGRESS = "job_progress"
    JOB_ENDED = "job_ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact, sent to one client (`to`), to all viewers of a video, or to everybody."""

    name: EventName
    data: dict[str, Any] = field(default_factory=dict)
    video_id: str | None = None
    to: str | None = None  # socket id of the only client to receive it


Listener = Callable[[Event], None]


class EventBus:
    """Hands each published event to every listener, in the publisher's thread.

    A listener that raises harms neither the others nor the publisher; `errors` counts them.
    """

    def __init__(self) -> None:
        self.errors = 0
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Deliver every event to `listener` from now on; call the result to stop."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(kept for kept in self._listeners if kept is not listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Deliver an event to every listener."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - boundary: one listener must not stop the others
                self.errors += 1
                log.exception("a listener failed on the event %s", event.name.value)
