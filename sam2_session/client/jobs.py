"""Long work of the services: runs, exports, imports, downloads of models."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from typing import Any

from sam2_session.client.connection import Connection, Json
from sam2_session.core.errors import (
    Cancelled,
    HostUnavailable,
    JobNotFound,
    SessionError,
    error_from_wire,
)
from sam2_session.core.types import UNFINISHED
from sam2_session.runtime import monotonic, sleep
from sam2_session.services.operations.jobs import CANCEL, GET_JOB

POLL_S = 0.1
GOING_ON = ("items_done", "on_hold")  # facts whose changes are reported at once
LISTEN_AGAIN_S = 5.0  # after the stream of events was refused
CUT: Json = {}  # the end of what is heard
RESTART_S = 30.0  # after a restart, a server lists a job again once it has opened its video

JobProgress = Callable[["Job"], None]


class Job:
    """A job, as it was when it was last read: `refresh` reads it anew."""

    def __init__(self, connection: Connection, facts: Json) -> None:
        self._connection = connection
        self.facts = facts  # as REST answers them: docs/socket.md lists the fields

    @classmethod
    def started(cls, connection: Connection, answer: Json) -> Job:
        """Read the job that an operation has started."""
        job = cls(connection, {"job_id": answer["job_id"], "state": "queued"})
        return job.refresh()

    @property
    def job_id(self) -> str:
        return str(self.facts["job_id"])

    @property
    def kind(self) -> str:
        """``propagate``, ``export``, ``import``, ``model_download`` …"""
        return str(self.facts["kind"])

    @property
    def state(self) -> str:
        """``queued``, ``running``, ``done``, ``failed`` or ``cancelled``."""
        return str(self.facts["state"])

    @property
    def video_id(self) -> str | None:
        return self.facts["video_id"] if self.facts.get("video_id") else None

    @property
    def done(self) -> int:
        """Frames, steps or bytes that are done, of `total`."""
        return int(self.facts.get("done", 0))

    @property
    def total(self) -> int:
        return int(self.facts.get("total", 0))

    @property
    def eta_s(self) -> float | None:
        """Seconds until the end, if they can be told."""
        return self.facts.get("eta_s")

    @property
    def is_finished(self) -> bool:
        """Return whether it is done, failed or cancelled."""
        return self.state not in UNFINISHED

    def refresh(self) -> Job:
        """Read the job anew; returns it. Raises `JobNotFound`."""
        until_s = monotonic() + RESTART_S
        while True:
            try:
                self.facts = self._connection.call(GET_JOB, job_id=self.job_id)
                return self
            except JobNotFound:
                if "kind" not in self.facts or monotonic() > until_s:  # it was never seen
                    raise
            sleep(POLL_S)

    def cancel(self) -> None:
        """Ask it to stop; what it has finished stays."""
        self.facts = self._connection.call(CANCEL, job_id=self.job_id)

    def stop(self) -> None:
        """Cancel it, and wait until it has stopped."""
        if not self.is_finished:
            self.cancel()
        self.follow()

    def wait(self, progress: JobProgress | None = None) -> Job:
        """Wait until it is done; `progress` is called with it whenever it has gone on.

        An exception meanwhile, also KeyboardInterrupt, stops the job. Raises the error of a failed
        job, or `Cancelled`.
        """
        try:
            self.follow(progress)
        except HostUnavailable:
            raise  # nobody is there to stop it
        except BaseException:
            self.stop()
            raise
        self.raise_if_failed()
        return self

    def follow(self, progress: JobProgress | None = None) -> None:
        """Wait until it is done, failed or cancelled; an exception meanwhile leaves it alone."""
        seen, done, again_s = None, -1, 0.0
        with closing(self.changes()) as changes:
            for _ in changes:
                now = [self.facts.get(name) for name in GOING_ON]
                has_gone_on = self.done != done and monotonic() >= again_s
                if progress and (has_gone_on or now != seen or self.is_finished):
                    seen, done, again_s = now, self.done, monotonic() + POLL_S
                    progress(self)

    def changes(self) -> Generator[None, None, None]:
        """Yield at once, whenever it has gone on, and last when it is finished.

        It listens to the events of the services. Where these cannot be heard it reads the job from
        time to time, and it does so once after each connection, so that nothing is missed.
        """
        yield
        listens_s = 0.0
        while not self.is_finished:
            sleep(POLL_S)  # most jobs are short
            self.refresh()
            yield
            if self.is_finished or monotonic() < listens_s:
                continue
            with ExitStack() as stack:
                heard = self._listen(stack)
                if heard is None:
                    listens_s = monotonic() + LISTEN_AGAIN_S
                    continue
                yield from self._take(heard)

    def _listen(self, stack: ExitStack) -> Iterator[Json | None] | None:
        """Begin to listen; None where that is refused, which `refresh` then tells, or mends."""
        try:
            return stack.enter_context(self._connection.hear_of(self.job_id, self.video_id))
        except SessionError:
            return None

    def _take(self, heard: Iterator[Json | None]) -> Iterator[None]:
        """Yield for all that is heard, and for what happened before."""
        self.refresh()
        yield
        while not self.is_finished and (facts := next(heard, CUT)) is not CUT:
            self.facts = facts or self.refresh().facts
            yield

    def raise_if_failed(self) -> None:
        """Raise the error of a failed job, or `Cancelled` for a cancelled one."""
        if self.state == "failed":
            raise error_from_wire(self.facts["error"] or {})
        if self.state == "cancelled":
            raise Cancelled("The job was cancelled.", hint="What it had finished is kept.")

    def __repr__(self) -> str:
        return f"<Job {self.job_id}: {self.state}, {self.done} of {self.total}>"


def jobs_of(connection: Connection, rows: list[dict[str, Any]]) -> list[Job]:
    """Make a `Job` of each row."""
    return [Job(connection, row) for row in rows]
