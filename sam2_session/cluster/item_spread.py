"""Runs the items of a batch on the members of a cluster, each where its video is."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from sam2_session.cluster.member_link import MemberLink
from sam2_session.cluster.members import Members
from sam2_session.cluster.placement import items_at_once
from sam2_session.cluster.video_calls import call_member_of
from sam2_session.core.errors import Cancelled, HostUnavailable, SessionError
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import monotonic
from sam2_session.services.batches.batch_job import OnHold
from sam2_session.services.batches.item_runs import Check, ItemRuns, require_done
from sam2_session.services.batches.records import Batch
from sam2_session.services.exports.service import CUT_OFF

POLL_S = 0.5  # between two questions about one job
EXPORT_TRIES = 5  # of an export whose member ends


class ItemSpread:
    """Runs items on other members for home; a member that ends is replaced, its item goes on."""

    def __init__(self, members: Members, here: ItemRuns) -> None:
        self._members = members
        self._here = here
        self._done: dict[str, int] = {}  # frames, by video_id: of the job that is waited for

    def at_once(self) -> int:
        """Return how many items keep every member busy."""
        return items_at_once({link.name: link.figures for link in self._members.up()})

    def num_frames(self, video_id: str) -> int:
        """Return how many frames a video has, as far as known."""
        return self._here.num_frames(video_id)

    def frames_done(self, video_id: str) -> int:
        """Return how many frames the job that is waited for has done."""
        return min(self._done.get(video_id, 0), self.num_frames(video_id))

    def prepare(self, video_ids: Iterable[str]) -> None:
        """Do nothing: a member has more than one item, and extracts one while it runs another."""

    def begin(self, video_id: str) -> str:
        """Queue a run of every pair to the video's end; return its job_id. Raises `NothingToDo`."""
        return str(self._ask(video_id, "begin_run"))

    def run(self, video_id: str, check: Check) -> None:
        """Run a video where it is, and wait; raises why it failed."""
        self._here.require_space()
        self._wait_for_frames(video_id, check)
        job_id = self._ask(video_id, "begin_unless_done", check)
        if job_id is not None:
            job = self._ended(video_id, job_id, check)
            require_done(JobState(job["state"]), job)

    def export(self, batch: Batch, video_id: str, check: Check) -> None:
        """Export an item where its video is, and wait; anew if that member ends meanwhile."""
        item = self._here.wanted_export(batch, video_id)
        if item is None:
            return
        facts = asdict(item)
        for _ in range(EXPORT_TRIES):
            job_id = self._ask(video_id, "begin_export", check, item=facts)
            job = self._ended(video_id, job_id, check)
            if job["error"] != CUT_OFF:
                break
        require_done(JobState(job["state"]), job)
        self._ask(video_id, "collect_export", check, item=facts, job_id=job_id)

    def _wait_for_frames(self, video_id: str, check: Check) -> None:
        while not self._ask(video_id, "has_frames", check):
            check()
        self._here.note_length(video_id)

    def _ended(self, video_id: str, job_id: str, check: Check) -> dict[str, Any]:
        """Wait for the end of a job and return it; a stop of the batch cancels it."""
        try:
            while (job := self._job(video_id, job_id, check))["state"] in UNFINISHED:
                self._done[video_id] = int(job["done"])
        except (Cancelled, OnHold):
            with suppress(SessionError):  # it has ended, or its member has
                self._ask(video_id, "cancel_job", job_id=job_id)
            raise
        finally:
            self._done.pop(video_id, None)
        return job

    def _job(self, video_id: str, job_id: str, check: Check) -> dict[str, Any]:
        """Ask for a job after a while."""
        until_s = monotonic() + POLL_S
        while monotonic() < until_s:
            check()
        return dict(self._ask(video_id, "job", check, job_id=job_id))

    def _ask(self, video_id: str, name: str, check: Check | None = None, /, **params: Any) -> Any:
        """Let the member that has a video do something; with `check` wait until one is there."""

        def ask(link: MemberLink) -> Any:
            return link.control(name, video_id=video_id, **params)

        while True:
            try:
                return call_member_of(self._members, video_id, ask, is_repeatable=True)
            except HostUnavailable:
                if check is None:
                    raise
                check()
