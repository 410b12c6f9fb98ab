"""Picks what concerns one job out of the events of the services, however these come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from sam2_session.client.connection import Json
from sam2_session.core.events import Event, EventName
from sam2_session.runtime import Condition

QUIET_S = 60.0  # a connection without a sign of life for so long is lost; servers send one in 15 s
OF_JOBS = (EventName.JOB_PROGRESS, EventName.JOB_ENDED)


def facts_in(lines: Iterable[str], job_id: str) -> Iterator[Json | None]:
    """Read the facts of a job from the lines of server-sent events; None for a `resync`."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data" and name == EventName.RESYNC:
            yield None
        elif field == "data" and name in OF_JOBS:
            facts = json.loads(value)
            if facts["job_id"] == job_id:
                yield facts


class JobInbox:
    """Keeps the newest facts of a job from the bus of this process until they are taken."""

    def __init__(self, job_id: str) -> None:
        self._job_id = job_id
        self._changed = Condition()
        self._newest: dict[str, Any] | None = None

    def put(self, event: Event) -> None:
        """Take an event from the bus."""
        if event.name in OF_JOBS and event.data["job_id"] == self._job_id:
            with self._changed:
                self._newest = event.data
                self._changed.notify_all()

    def facts(self) -> Iterator[Json]:
        """Wait for the next facts, until none come for `QUIET_S`."""
        while True:
            with self._changed:
                if self._newest is None and not self._changed.wait(QUIET_S):
                    return
                facts, self._newest = self._newest, None
            if facts is not None:
                yield facts
