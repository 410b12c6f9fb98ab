"""Facts the services announce, and the bus that carries them to whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class EventName(StrEnum):
    """Every server-to-client event, under its wire name."""

    MASK = "mask"
    QUEUED = "queued"
    MASK_SAVED = "mask_saved"
    MASK_DELETED = "mask_deleted"
    MASKS_CHANGED = "masks_changed"
    MASKS_APPROVED = "masks_approved"
    PROMPTS_CHANGED = "prompts_changed"
    KEYPOINTS_CHANGED = "keypoints_changed"
    INSTANCES_CHANGED = "instances_changed"
    REGIONS_CHANGED = "regions_changed"
    PRESENCE = "presence"
    VIDEO_PROGRESS = "video_progress"
    VIDEO_DELETED = "video_deleted"
    HOST_STATE = "host_state"
    RESYNC = "resync"
    JOB_PROGRESS = "job_progress"
    JOB_ENDED = "job_ended"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact, past tense. It goes to one client (`to`), one video's room, or everybody."""

    name: EventName
    data: dict[str, Any] = field(default_factory=dict)
    video_id: str | None = None
    to: str | None = None  # a socket id: only this client hears it


Listener = Callable[[Event], None]


class EventBus:
    """Hands each published event to every listener, in the publisher's thread."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every event from now on; the answer ends it."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell every listener."""
        for listener in self._listeners:
            listener(event)
