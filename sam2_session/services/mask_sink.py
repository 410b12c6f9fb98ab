"""Writes what a run finds: masks durable, then rows, then events, a few frames at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.inference.masks import to_mask
from sam2_session.runtime import Queue, QueueEmpty, spawn
from sam2_session.services.project import Project
from sam2_session.storage import atomic
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import read_frame
from sam2_session.storage.job_rows import save_progress
from sam2_session.storage.mask_rows import MaskRow, save_mask
from sam2_session.storage.op_rows import next_rev

MAX_WAITING = 8  # steps the device may run ahead of the disk
MAX_BATCH = 8  # steps that share a folder's fsync and a commit


@dataclass(frozen=True, slots=True)
class FoundStep:
    """One finished step: `done` is the job's cursor after it."""

    frame_idx: int
    done: int
    predictions: Mapping[SessionKey, Prediction]


class MaskSink:
    """A thread between the device and the disk. A frame with prompts is never overwritten."""

    def __init__(
        self,
        project: Project,
        job_id: str,
        run: int,
        bus: EventBus,
        committed: Callable[[int, int], None],
    ) -> None:
        self._project = project
        self._job_id = job_id
        self._run = run
        self._bus = bus
        self._committed = committed
        self._size_hw = project.size_hw
        self._error: BaseException | None = None
        self._steps: Queue[FoundStep | None] = Queue(maxsize=MAX_WAITING)
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
        if self._error is not None:
            raise self._error

    def _loop(self) -> None:
        last = False
        while not last:
            batch, last = self._take()
            if batch and self._error is None:
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
        written = [
            (key, mask)
            for step in batch
            for key, prediction in step.predictions.items()
            if (mask := self._write_file(key, step.frame_idx, prediction)) is not None
        ]
        for folder in {self._project.workspace.masks_dir(key) for key, _ in written}:
            atomic.fsync_folder(folder)
        last = batch[-1]
        saved = self._project.db.write(lambda tx: self._commit(tx, written, last.done))
        for key, mask in saved:
            data = {"key": key.to_wire(), **mask.to_wire()}
            self._bus.publish(Event(EventName.MASK_SAVED, data, video_id=key.video_id))
        self._committed(last.done, last.frame_idx)

    def _write_file(
        self, key: SessionKey, frame_idx: int, prediction: Prediction
    ) -> MaskRow | None:
        mask_hw = to_mask(prediction, self._size_hw)
        png = encode_gray8(mask_hw)
        path = self._project.workspace.mask_path(key, frame_idx)
        atomic.make_folder(path.parent)
        with self._project.lock:
            if self._project.db.read(lambda tx: _is_prompted(tx, key, frame_idx)):
                return None
            atomic.write_bytes(path, png, durable=False)
        atomic.fsync_file(path)
        return MaskRow(
            frame_idx, 0, MaskSource.PROPAGATED, mask_facts(mask_hw), self._run, prediction.score
        )

    def _commit(
        self, tx: Transaction, written: list[tuple[SessionKey, MaskRow]], done: int
    ) -> list[tuple[SessionKey, MaskRow]]:
        saved = []
        rev = next_rev(tx)
        for key, mask in written:
            if not _is_prompted(tx, key, mask.frame_idx):
                row = MaskRow(mask.frame_idx, rev, mask.source, mask.facts, mask.run, mask.score)
                save_mask(tx, key, row)
                saved.append((key, row))
        save_progress(tx, self._job_id, done)
        return saved


def _is_prompted(tx: Transaction, key: SessionKey, frame_idx: int) -> bool:
    row = read_frame(tx, key, frame_idx)
    return row is not None and row.state.is_prompted
