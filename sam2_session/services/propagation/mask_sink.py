"""Writes what a run finds: masks durable, then rows, then events, a few frames at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.inference.masks import to_mask
from sam2_session.runtime import Queue, QueueEmpty, ThreadPool, spawn
from sam2_session.services.projects.project import Project
from sam2_session.services.propagation.guards import Alarm, NewMasks, Review, Watch
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import conditioned_frames, read_frame
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.job_rows import save_pause, save_progress
from sam2_session.storage.mask_rows import MaskRow, break_runs, flag_mask, save_mask
from sam2_session.storage.op_rows import next_rev

MAX_WAITING = 8  # steps the device may run ahead of the disk
MAX_BATCH = 8  # steps that share a folder's fsync and a commit
STAGING_THREADS = 4  # torch, numpy, zlib and fsync let go of the interpreter


@dataclass(frozen=True, slots=True)
class FoundStep:
    """One finished step: `done` is the job's cursor after it."""

    frame_idx: int
    done: int
    predictions: Mapping[SessionKey, Prediction]
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class _Staged:
    """A mask that is on disk, but not yet under its name."""

    step: FoundStep
    key: SessionKey
    row: MaskRow
    path: Path
    temp: Path

    def is_prompted(self, tx: Transaction) -> bool:
        """Whether a person says what this frame's mask is."""
        frame = read_frame(tx, self.key, self.row.frame_idx)
        return frame is not None and frame.state.is_prompted


class MaskSink:
    """Threads between the device and the disk: one that orders and commits, some that draw.

    A frame with prompts is never overwritten.
    """

    def __init__(
        self,
        project: Project,
        job_id: str,
        run: int,
        bus: EventBus,
        committed: Callable[[int, int], None],
        watch: Watch,
    ) -> None:
        self._project = project
        self._job_id = job_id
        self._run = run
        self._bus = bus
        self._committed = committed
        self._watch = watch
        self.alarm: Alarm | None = None  # where the run pauses; what comes after is dropped
        self._size_hw = project.size_hw
        self._error: BaseException | None = None
        self._steps: Queue[FoundStep | None] = Queue(maxsize=MAX_WAITING)
        self._pool = ThreadPool(STAGING_THREADS, thread_name_prefix=f"masks {job_id}")
        self._thread = spawn(self._loop, name=f"masks {job_id}")

    def put(self, step: FoundStep) -> None:
        """Hand a step over; blocks while the disk is behind, raises what the disk raised."""
        if self._error is not None:
            raise self._error
        self._steps.put(step)

    def close(self) -> None:
        """Write what was handed over; raises what the disk raised."""
        self._steps.put(None)
        self._thread.join()
        self._pool.shutdown()
        if self._error is not None:
            raise self._error

    def _loop(self) -> None:
        last = False
        while not last:
            batch, last = self._take()
            if batch and self._error is None and self.alarm is None:
                try:
                    self._write(batch)
                except Exception as error:  # noqa: BLE001 - raised again by put() and close()
                    self._error = error

    def _take(self) -> tuple[list[FoundStep], bool]:
        batch: list[FoundStep] = []
        step = self._steps.get()
        while step is not None:
            batch.append(step)
            if len(batch) == MAX_BATCH:
                return batch, False
            try:
                step = self._steps.get_nowait()
            except QueueEmpty:
                return batch, False
        return batch, True

    def _write(self, batch: list[FoundStep]) -> None:
        living = self._living()
        cuts = self._pool.submit(self._over_cut, batch)
        staging = [
            self._pool.submit(self._stage, step, key, prediction)
            for step in batch
            for key, prediction in step.predictions.items()
            if key.instance_id in living
        ]
        try:
            staged = [one.result() for one in staging]
            last = self._put_in_place(staged, batch, cuts.result())
        finally:
            for one in staging:
                if one.exception() is None:
                    atomic.discard(one.result().temp)
        self._committed(last.done, last.frame_idx)

    def _living(self) -> set[int]:
        """The instances that were not deleted since the run began."""
        return {one.instance_id for one in self._project.db.read(list_instances)}

    def _stage(self, step: FoundStep, key: SessionKey, prediction: Prediction) -> _Staged:
        frame_idx = step.frame_idx
        mask_hw = to_mask(prediction, self._size_hw)
        path = self._project.workspace.mask_path(key, frame_idx)
        atomic.make_folder(path.parent)
        facts, score = mask_facts(mask_hw), prediction.score
        row = MaskRow(frame_idx, 0, MaskSource.PROPAGATED, facts, self._run, score)
        return _Staged(step, key, row, path, atomic.stage(path, encode_gray8(mask_hw)))

    def _put_in_place(
        self, staged: list[_Staged], batch: list[FoundStep], over_cut: list[bool]
    ) -> FoundStep:
        """Files, rows and events together under the lock.

        A click between them would keep half of each, and an approval be told before the mask.
        """
        with self._project.lock:
            living = self._living()
            staged = [one for one in staged if one.key.instance_id in living]
            met = self._project.db.read(lambda tx: [one for one in staged if one.is_prompted(tx)])
            free = [one for one in staged if one not in met]
            review = self._review(batch, free, over_cut)
            if review.alarm is not None:
                batch = [step for step in batch if step.done <= review.alarm.done]
                free, met = ([one for one in some if one.step in batch] for some in (free, met))
            left_out = [key for key in batch[-1].predictions if key.instance_id not in living]
            for one in free:
                atomic.put_in_place(one.temp, one.path)
            for folder in {one.path.parent for one in free}:
                atomic.fsync_folder(folder)

            def commit(tx: Transaction) -> list[tuple[SessionKey, MaskRow]]:
                for key in left_out:
                    break_runs(tx, key)  # should it come back, its masks have holes
                return self._commit(tx, review, met, batch[-1].done)

            for key, mask in self._project.db.write(commit):
                data = {"key": key.to_wire(), **mask.to_wire()}
                self._bus.publish(Event(EventName.MASK_SAVED, data, video_id=key.video_id))
        self.alarm = review.alarm
        return batch[-1]

    def _over_cut(self, batch: list[FoundStep]) -> list[bool]:
        return [
            bool(step.predictions) and self._watch.is_over_cut(step.frame_idx, reverse=step.reverse)
            for step in batch
        ]

    def _review(self, batch: list[FoundStep], free: list[_Staged], over_cut: list[bool]) -> Review:
        steps = []
        for step, cut in zip(batch, over_cut, strict=True):
            rows = {one.key: one.row for one in free if one.step is step}
            steps.append(NewMasks(step.done, step.frame_idx, step.reverse, cut, rows))
        return self._project.db.read(lambda tx: self._watch.review(tx, steps))

    def _commit(
        self, tx: Transaction, review: Review, met: list[_Staged], done: int
    ) -> list[tuple[SessionKey, MaskRow]]:
        rev = next_rev(tx)
        saved = []
        for (key, frame_idx), flags in review.late.items():
            if flagged := flag_mask(tx, key, frame_idx, flags):
                saved.append((key, flagged))
        for (key, _), row in review.rows.items():
            mask = replace(row, rev=rev)
            save_mask(tx, key, mask)
            saved.append((key, mask))
        for one in met:
            if one.row.frame_idx not in dict(conditioned_frames(tx, one.key)):
                break_runs(tx, one.key)  # clicked on ahead of the run: its own mask is missing here
        save_progress(tx, self._job_id, done)
        if review.alarm is not None:
            save_pause(tx, self._job_id, review.alarm.to_wire())
        return saved
