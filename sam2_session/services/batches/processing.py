"""Processes the items of batches: a run for each, then an export if wanted.

On one device one item follows another; a cluster has several under way at once.
"""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from sam2_session.core.errors import (
    Cancelled,
    Conflict,
    FsyncFailed,
    InvalidRequest,
    NothingToDo,
    SessionError,
    StorageFailed,
    error_fields,
)
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.loops import Loop
from sam2_session.runtime import Condition, Future, ThreadPool, sleep, wait_for_one
from sam2_session.services.batches.batch_job import BatchJob, OnHold, ProcessingStopped
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.batches.item_runs import ItemRunner, ItemRuns
from sam2_session.services.batches.records import Batch, ExportChoice, Processing
from sam2_session.services.batches.states import (
    TO_PROCESS,
    UNDER_WAY,
    BatchStates,
    ItemState,
    ItemView,
)
from sam2_session.services.jobs.registry import JobRegistry

log = logging.getLogger(__name__)

Announce = Callable[[Batch, Sequence[ItemView]], None]
POLL_S = 0.1
MAX_AT_ONCE = 256  # items under way, each in a thread


class BatchProcessing:
    """One thread that works through the batches to process, oldest request first.

    What is to do, and what is done, is stored with the batch, so a restart goes on there.
    """

    def __init__(
        self,
        book: BatchBook,
        states: BatchStates,
        runs: ItemRuns,
        registry: JobRegistry,
        announce: Announce,
    ) -> None:
        self._book = book
        self._states = states
        self._runs = runs
        self._runner: ItemRunner = runs
        self._registry = registry
        self._announce = announce
        self._jobs: dict[str, BatchJob] = {}  # by batch_id
        self._waiting: list[str] = []  # batch_ids
        self._changed = Condition()
        self._closing = False
        self._loop = Loop(self._process_next, name="batches")

    def start(self, runner: ItemRunner | None = None) -> None:
        """List the processing of earlier processes, and go on with what is unfinished.

        `runner` runs the items elsewhere.
        """
        self._runner = runner or self._runner
        for batch in self._book.all():
            if batch.processing is not None:
                self._list_job(batch)
                if batch.processing.state in UNFINISHED:
                    self._enqueue(batch.batch_id)

    def close(self) -> None:
        """Stop after the current step; unfinished processing goes on at the next start."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._loop.join()

    def begin(
        self,
        batch_id: str,
        which: str | Sequence[int],
        export: tuple[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Queue items of a batch; returns ``{job_id, items}``. `export` is format and options.

        Raises `NothingToDo` if none of them can be processed, and `Conflict` while it is under way.
        """
        batch = self._book.get(batch_id)
        if batch.processing and batch.processing.state in UNFINISHED:
            raise Conflict(
                f"{batch.name} is being processed.", hint="Cancel that, or wait for its end."
            )
        views = _chosen(batch, self._states.read(batch), which)
        choice = ExportChoice(format=export[0], options=dict(export[1])) if export else None
        if choice is not None:
            self._runs.check_export(choice)
        job_id = f"batch-{secrets.token_hex(6)}"
        processing = Processing(
            job_id=job_id, video_ids=tuple(view.video_id for view in views), export=choice
        )
        chosen = set(processing.video_ids)

        def edit(before: Batch) -> Batch:
            items = tuple(
                replace(item, marks=replace(item.marks, error=None, rejected=None))
                if item.video_id in chosen
                else item
                for item in before.items
            )
            return replace(before, items=items, processing=processing)

        batch = self._book.change(batch_id, edit)
        self._list_job(batch)
        self._tell(batch, chosen)
        self._enqueue(batch_id)
        return {"job_id": job_id, "items": len(views)}

    def items_left(self) -> int:
        """Count the items to process of all batches that are not on hold."""
        under_way = [
            batch.processing
            for batch in self._book.all()
            if batch.processing and batch.processing.state in UNFINISHED
        ]
        return sum(len(processing.left) for processing in under_way if not processing.on_hold)

    def hold(self, batch_id: str, *, on_hold: bool) -> dict[str, Any]:
        """Pause the processing of a batch, or go on; the run under way stops where it is."""
        self._require_under_way(batch_id)
        batch = self._edit(batch_id, on_hold=on_hold)
        with self._changed:
            self._changed.notify_all()
        self._tell(batch, ())
        return self._jobs[batch_id].to_wire()

    def cancel(self, batch_id: str) -> dict[str, Any]:
        """Cancel the processing of a batch; what is processed stays."""
        self._require_under_way(batch_id)
        self._jobs[batch_id].cancel()
        return self._jobs[batch_id].to_wire()

    def retry(self, batch_id: str) -> dict[str, Any]:
        """Process the failed items of a batch again, with the same export."""
        batch = self._book.get(batch_id)
        choice = batch.processing.export if batch.processing else None
        return self.begin(batch_id, "failed", (choice.format, choice.options) if choice else None)

    def run_now(self, view: ItemView) -> None:
        """Process one item at once, in the background."""
        self._runner.begin(view.video_id)

    def _require_under_way(self, batch_id: str) -> None:
        batch = self._book.get(batch_id)
        if batch.processing is None or batch.processing.state not in UNFINISHED:
            raise NothingToDo(f"{batch.name} is not being processed.", hint="Start it first.")

    def _list_job(self, batch: Batch) -> None:
        job = BatchJob(batch.batch_id, self._book, self._runner, self._wake)
        self._jobs[batch.batch_id] = job
        self._registry.add(job)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _enqueue(self, batch_id: str) -> None:
        with self._changed:
            self._waiting.append(batch_id)
            self._changed.notify_all()

    def _process_next(self) -> bool:
        batch_id = self._take()
        if batch_id is None:
            return False
        try:
            self._process(batch_id)
        except ProcessingStopped:
            log.info("batch %s: processing was stopped with the server", batch_id)
        return True

    def _take(self) -> str | None:
        """Return the next batch that is not on hold; None once this is closed."""
        with self._changed:
            while not self._closing:
                for batch_id in self._waiting:
                    if self._is_ready(batch_id):
                        self._waiting.remove(batch_id)
                        return batch_id
                self._changed.wait()
            return None

    def _is_ready(self, batch_id: str) -> bool:
        job = self._jobs[batch_id]
        return job.is_cancelled or not job.processing.on_hold

    def _process(self, batch_id: str) -> None:
        job = self._jobs[batch_id]
        self._end_or_go_on(job, JobState.RUNNING)
        job.start_clock()
        try:
            self._process_items(job)
        except OnHold:
            self._tell(self._book.get(batch_id), set(job.processing.left))
            self._enqueue(batch_id)
            return
        if not job.is_cancelled:
            job.note = self._runs.join_exports(self._book.get(batch_id))
        self._end_or_go_on(job, JobState.CANCELLED if job.is_cancelled else JobState.DONE)

    def _process_items(self, job: BatchJob) -> None:
        """Work through what is left, as many items at a time as the runner takes now."""
        waiting, under_way = deque(job.processing.left), set[Future[None]]()
        with ThreadPool(MAX_AT_ONCE, "batch-items") as pool:
            while under_way or (waiting and not job.is_cancelled):
                while waiting and not job.is_cancelled and len(under_way) < self._runner.at_once():
                    under_way.add(pool.submit(self._process_item, job, waiting.popleft()))
                ended = wait_for_one(under_way, POLL_S)
                under_way -= ended
                for future in ended:
                    future.result()

    def _end_or_go_on(self, job: BatchJob, state: JobState) -> None:
        batch = self._edit(job.batch_id, state=state)
        if state in UNFINISHED:
            self._registry.announce(job)
        else:
            self._registry.announce_end(job)
        self._tell(batch, {item.video_id for item in batch.items})

    def _process_item(self, job: BatchJob, video_id: str) -> None:
        """Run one item and export it; its error becomes the item's, and the next follows."""
        self._runner.prepare(self._following(job, video_id))
        job.current.add(video_id)
        error, stage = None, "run"
        try:
            self._runner.run(video_id, self._stop_check(job))
            stage = "export"
            self._runner.export(self._book.get(job.batch_id), video_id, self._stop_check(job))
        except Cancelled as stopped:
            if job.is_cancelled:
                return
            error = stopped.to_wire()
        except FsyncFailed:
            raise
        except StorageFailed as full:
            self._edit(job.batch_id, on_hold=True)  # the next item would fail, too
            log.error("batch %s is on hold: %s", job.batch_id, full)
            raise OnHold from full
        except (OnHold, ProcessingStopped):
            raise
        except Exception as failed:  # noqa: BLE001 - boundary: the error becomes the item's
            error = _error_of(video_id, failed)
        finally:
            job.current.discard(video_id)
        self._end_item(job, video_id, {**error, "stage": stage} if error else None)

    def _end_item(self, job: BatchJob, video_id: str, error: dict[str, Any] | None) -> None:
        def edit(batch: Batch) -> Batch:
            processing = job.processing
            ended = (*processing.ended, video_id)
            return replace(batch, processing=replace(processing, ended=ended))

        if error is not None:
            self._book.mark_video(job.batch_id, video_id, error=error)
        batch = self._book.change(job.batch_id, edit)
        self._registry.announce(job)
        self._tell(batch, {video_id})

    def _following(self, job: BatchJob, video_id: str) -> list[str]:
        """Return a video and the one after it, to extract ahead."""
        left = job.processing.left
        at = left.index(video_id)
        return list(left[at : at + 2])

    def _stop_check(self, job: BatchJob) -> Callable[[], None]:
        def check() -> None:
            if self._closing:
                raise ProcessingStopped
            if job.is_cancelled:
                raise Cancelled(job.job_id)
            if job.processing.on_hold:
                raise OnHold

        def check_and_announce() -> None:
            check()
            job.announce_progress(self._registry)
            sleep(POLL_S)

        return check_and_announce

    def _edit(self, batch_id: str, **changes: Any) -> Batch:
        def edit(batch: Batch) -> Batch:
            if batch.processing is None:
                return batch
            return replace(batch, processing=replace(batch.processing, **changes))

        return self._book.change(batch_id, edit)

    def _tell(self, batch: Batch, video_ids: Any) -> None:
        self._announce(batch, self._states.read(batch, set(video_ids)) if video_ids else [])


def _chosen(batch: Batch, views: Sequence[ItemView], which: str | Sequence[int]) -> list[ItemView]:
    """Choose the items to process. Raises `NothingToDo` if there is none."""
    if not isinstance(which, str):
        by_number = {view.number: view for view in views}
        if unknown := [number for number in which if number not in by_number]:
            raise InvalidRequest(
                f"{batch.name} has no item {unknown[0]}.", hint=f"It has {len(views)} items."
            )
        chosen = [by_number[number] for number in dict.fromkeys(which)]
        chosen = [view for view in chosen if view.facts.prompted_frames]
    elif which == "failed":
        chosen = [view for view in views if view.state is ItemState.FAILED]
    elif which == "rejected":
        chosen = [
            view for view in views if view.item.marks.rejected is not None or view.facts.rejected
        ]
    else:
        chosen = [view for view in views if view.state in TO_PROCESS]
    chosen = [view for view in chosen if view.state not in UNDER_WAY]
    if not chosen:
        raise NothingToDo(
            f"No item of {batch.name} is to be processed.",
            hint="Click on the object in some items first, or name items by their numbers.",
        )
    return chosen


def _error_of(video_id: str, error: Exception) -> dict[str, Any]:
    """Describe why an item failed; the log has what nobody expected."""
    if not isinstance(error, SessionError):
        log.exception("%s: processing failed", video_id)
    fields = error_fields(error)
    fields.pop("status")
    return fields
