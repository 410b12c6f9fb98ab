"""Writes a run's masks a few frames at a time: files, then rows, then events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.errors import StorageFailed
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.png import encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MaskSource, OnApproved, RunMode, SessionKey
from sam2_session.formats.shapes.cleaning import clean_mask
from sam2_session.formats.shapes.mask_traits import TraitReader
from sam2_session.inference.helper_threads import use_one_thread
from sam2_session.inference.masks import to_mask
from sam2_session.runtime import Queue, QueueEmpty, ThreadPool, spawn
from sam2_session.services.masks.comparing import iou_with_file
from sam2_session.services.masks.frame_mask import PairFrame
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.propagation.first_pass import ChosenMask, FirstPass
from sam2_session.services.propagation.mask_flags import FlagFinder, FlaggedMasks, NewMasks, Pause
from sam2_session.services.propagation.plan import RunPlan
from sam2_session.services.propagation.run_job import RunJob
from sam2_session.storage import atomic
from sam2_session.storage.cleaning_rows import read_rule
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import conditioned_frames, read_frame
from sam2_session.storage.instance_rows import list_instances
from sam2_session.storage.job_rows import JobRow, save_pause, save_progress
from sam2_session.storage.mask_rows import MaskRow, break_runs, flag_mask, read_mask, save_mask
from sam2_session.storage.op_rows import next_rev
from sam2_session.storage.replaced_rows import ReplacedRow, add_replaced, update_ious
from sam2_session.storage.trait_rows import save_traits

MAX_WAITING = 8  # frames the device may run ahead of the disk
MAX_BATCH = 8  # frames that share a folder's fsync and a commit
DRAWING_THREADS = 4  # torch, numpy, zlib and fsync release the GIL


@dataclass(frozen=True, slots=True)
class PredictedFrame:
    """The predictions of one visited frame; `done` is the job's cursor after it.

    `probes` counts the frames that were tracked only to see whether they differ.
    """

    frame_idx: int
    done: int
    predictions: Mapping[SessionKey, Prediction]
    reverse: bool = False
    probes: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _MaskFile:
    """A mask in a temporary file, not yet renamed to its own name."""

    frame: PredictedFrame
    key: SessionKey
    row: MaskRow
    path: Path
    temp: Path
    traits: MaskTraits
    iou: float | None = None  # with the mask that it replaces
    is_second: bool = False  # the run's own mask of this frame is replaced

    @property
    def measured(self) -> tuple[SessionKey, int, MaskTraits]:
        """The traits, with the pair and frame."""
        return self.key, self.row.frame_idx, self.traits

    def is_prompted(self, tx: Transaction) -> bool:
        """Return whether a person prompted or drew this frame's mask."""
        stored = read_frame(tx, self.key, self.row.frame_idx)
        return stored is not None and stored.state.is_prompted

    def is_absent(self, tx: Transaction) -> bool:
        """Return whether a person said meanwhile that the object is not on this frame."""
        stored = read_frame(tx, self.key, self.row.frame_idx)
        return stored is not None and stored.state.absent

    def is_over_approved(self, tx: Transaction) -> bool:
        """Return whether a person approved the mask that is stored for this frame."""
        stored = read_mask(tx, self.key, self.row.frame_idx)
        return stored is not None and stored.approved


@dataclass(frozen=True, slots=True)
class _SortedFiles:
    """The files of a batch by what is stored: `free` ones are written, the others are not."""

    free: list[_MaskFile]
    prompted: list[_MaskFile]
    kept: list[_MaskFile]  # over approved masks, prompted ones included

    def of(self, frames: list[PredictedFrame]) -> _SortedFiles:
        """Return the files of these frames."""
        groups = (self.free, self.prompted, self.kept)
        return _SortedFiles(*([file for file in group if file.frame in frames] for group in groups))


class MaskWriter:
    """Writes masks while the device predicts: one thread commits, others encode PNGs.

    A frame with prompts, or marked absent, is never overwritten, nor is an approved mask unless the
    run was asked to replace them; the track log has what the model predicted there. `pause` is set
    where a flag pauses the run; frames handed over after it are dropped.
    """

    def __init__(
        self,
        project: Project,
        job: RunJob,
        bus: EventBus,
        flags: FlagFinder,
        replaced: ReplacedMasks,
    ) -> None:
        self._project = project
        self._replaced = replaced
        self._traits = TraitReader(flags.frames.read)
        self._job = job
        self._bus = bus
        self._flags = flags
        self._plan = RunPlan.from_json(project.video_id, job.row.params)
        self._replaces = job.row.params.get("approved") == OnApproved.REPLACE
        self.pause: Pause | None = None
        self._size_hw = project.size_hw
        fills = job.row.params.get("mode") == RunMode.FILL
        self._first_pass = FirstPass(project, job.row.run, self._plan.firsts) if fills else None
        self._held: PredictedFrame | None = None  # taken from the queue, for the next batch
        self._error: BaseException | None = None
        self._frames: Queue[PredictedFrame | None] = Queue(maxsize=MAX_WAITING)
        self._pool = ThreadPool(
            DRAWING_THREADS,
            thread_name_prefix=f"masks {job.job_id}",
            initializer=use_one_thread,
        )
        self._thread = spawn(self._loop, name=f"masks {job.job_id}")

    def put(self, frame: PredictedFrame) -> None:
        """Queue a frame; blocks while the disk is behind, raises the error of an earlier write."""
        if self._error is not None:
            raise self._error
        self._frames.put(frame)

    def close(self) -> None:
        """Write all queued frames; raises the error of any write."""
        self._frames.put(None)
        self._thread.join()
        self._pool.shutdown()
        if self._first_pass is not None:
            self._first_pass.drop()
        if self._error is not None:
            raise self._error

    def _loop(self) -> None:
        last = False
        while not last:
            batch, last = self._take()
            if batch and self._error is None and self.pause is None:
                try:
                    self._write(batch)
                except Exception as error:  # noqa: BLE001 - raised again by put() and close()
                    self._error = error

    def _take(self) -> tuple[list[PredictedFrame], bool]:
        """Take the queued frames, at least one; and whether they are the last."""
        batch: list[PredictedFrame] = []
        frame, self._held = self._held or self._frames.get(), None
        while frame is not None:
            if batch and frame.reverse != batch[0].reverse:
                self._held = frame  # its mask is compared with one of this batch
                return batch, False
            batch.append(frame)
            if len(batch) == MAX_BATCH:
                return batch, False
            try:
                frame = self._frames.get_nowait()
            except QueueEmpty:
                return batch, False
        return batch, True

    def _write(self, batch: list[PredictedFrame]) -> None:
        living, rules = self._living(), self._rules(batch)
        cuts = self._pool.submit(self._over_cut, batch)
        drawing = [
            self._pool.submit(self._draw, frame, key, rules[key])
            for frame in batch
            for key in frame.predictions
            if key.instance_id in living
        ]
        try:
            files = [future.result() for future in drawing]
            self._sync(atomic.fsync_file, [file.temp for file in files])
            row, frame_idx = self._put_in_place(files, batch, cuts.result())
        finally:
            for future in drawing:
                if future.exception() is None:
                    atomic.discard(future.result().temp)
        self._replaced.drop_oldest(self._project)
        self._job.advance(row, frame_idx)

    def _sync(self, sync: Callable[[Path], None], paths: Iterable[Path]) -> None:
        """Make files or folders durable, several at once: they share commits of the journal."""
        for _ in self._pool.map(sync, paths):
            pass

    def _living(self) -> set[int]:
        """Return the instances that were not deleted since the run began."""
        return {instance.instance_id for instance in self._project.db.read(list_instances)}

    def _rules(self, batch: list[PredictedFrame]) -> dict[SessionKey, Cleaning]:
        """Return the rules by which the masks of these frames are cleaned now."""
        keys = {key for frame in batch for key in frame.predictions}
        return self._project.db.read(lambda tx: {key: read_rule(tx, key) for key in keys})

    def _draw(self, frame: PredictedFrame, key: SessionKey, rule: Cleaning) -> _MaskFile:
        """Write a mask to a temporary file, which is synced with the others of its batch."""
        prediction = frame.predictions[key]
        mask_hw = clean_mask(to_mask(prediction, self._size_hw), rule)
        found, run = ChosenMask(mask_hw, prediction.score), self._job.row.run
        path = before = self._project.workspace.mask_path(key, frame.frame_idx)
        is_second = self._plan.is_second_visit(key, frame.frame_idx, reverse=frame.reverse)
        if is_second and self._first_pass is not None:
            found = self._first_pass.choose(key, frame.frame_idx, found)
            before = self._project.workspace.replaced_path(key, run, frame.frame_idx)
        atomic.make_folder(path.parent)
        traits = self._traits.of(frame.frame_idx, found.mask_hw)
        row = MaskRow(
            frame.frame_idx,
            0,
            MaskSource.PROPAGATED,
            traits.facts,
            run,
            found.score,
            cleaned=bool(rule),
            agreement=found.agreement,
        )
        iou = iou_with_file(found.mask_hw, before)
        temp = atomic.stage(path, encode_gray8(found.mask_hw), durable=False)
        return _MaskFile(frame, key, row, path, temp, traits, iou, is_second)

    def _put_in_place(
        self, files: list[_MaskFile], batch: list[PredictedFrame], over_cut: list[bool]
    ) -> tuple[JobRow, int]:
        """Rename files, commit rows and announce them together under the lock.

        Without it a reader would get half of each, and an approval be lost or be told before the
        mask. Frames are clicked on all the while: the commit leaves out those that a person took.
        Returns the job's row and the last frame that was stored.
        """
        with self._project.lock.for_files():
            living = self._living()
            files = [file for file in files if file.key.instance_id in living]
            found = self._project.db.read(lambda tx: self._sort(tx, files))
            flagged = self._flag(batch, found.free, over_cut)
            if flagged.pause is not None:
                batch = [frame for frame in batch if frame.done <= flagged.pause.done]
                found = found.of(batch)
            job = self._job.row.advanced(
                batch[-1].done,
                made=sum(not file.is_second for file in found.free),
                kept=len(found.kept),
                tracked=sum(bool(frame.predictions) + frame.probes for frame in batch),
            )
            left_out = [key for key in batch[-1].predictions if key.instance_id not in living]
            before = self._keep_replaced(found.free)

            def commit(tx: Transaction) -> list[tuple[SessionKey, MaskRow]]:
                for key in left_out:
                    break_runs(tx, key)  # a restored instance would have a gap in this run
                add_replaced(tx, before)
                update_ious(tx, self._job.row.run, _second_ious(found.free))
                save_traits(
                    tx, [(file.key, file.row.frame_idx, file.traits) for file in found.free]
                )
                return self._commit(tx, flagged, found.prompted, job)

            for key, mask in self._replace(found.free, commit):
                data = {"key": key.to_wire(), **mask.to_wire()}
                self._bus.publish(Event(EventName.MASK_SAVED, data, video_id=key.video_id))
        self.pause = flagged.pause
        return job, batch[-1].frame_idx

    def _keep_replaced(self, files: list[_MaskFile]) -> list[ReplacedRow]:
        ious = [(PairFrame(file.key, file.row.frame_idx), file.iou) for file in files]
        return self._replaced.keep(self._project, self._job.row.run, ious)

    def _replace(
        self,
        files: list[_MaskFile],
        commit: Callable[[Transaction], list[tuple[SessionKey, MaskRow]]],
    ) -> list[tuple[SessionKey, MaskRow]]:
        """Rename files and commit their rows; if that fails, the masks before are put back."""
        try:
            for file in files:
                atomic.put_in_place(file.temp, file.path)
            self._sync(atomic.fsync_folder, {file.path.parent for file in files})
            return self._project.db.write(commit)
        except StorageFailed:
            self._replaced.mend_runs(self._project, [self._job.row.run])
            raise

    def _sort(self, tx: Transaction, files: list[_MaskFile]) -> _SortedFiles:
        """Sort new masks by whether the stored one is prompted or approved."""
        prompted = [file for file in files if file.is_prompted(tx)]
        approved = [file for file in files if file.is_over_approved(tx)]
        absent = [file for file in files if file.is_absent(tx)]
        taken = {*prompted, *absent, *(() if self._replaces else approved)}
        free = [file for file in files if file not in taken]
        kept = [file for file in approved if file in taken and not file.is_second]
        return _SortedFiles(free, prompted, kept)

    def _is_taken(self, tx: Transaction, key: SessionKey, frame_idx: int) -> bool:
        """Tell if a person clicked on a frame since its file was sorted; their mask follows."""
        stored = read_frame(tx, key, frame_idx)
        if stored is None or not stored.state.is_human:
            return False
        if stored.state.is_prompted:
            self._break_if_new(tx, key, frame_idx)
        return True

    def _break_if_new(self, tx: Transaction, key: SessionKey, frame_idx: int) -> None:
        if frame_idx not in dict(conditioned_frames(tx, key)):
            break_runs(tx, key)  # prompted during the run, which has no mask here

    def _over_cut(self, batch: list[PredictedFrame]) -> list[bool]:
        return [
            bool(frame.predictions)
            and self._flags.is_over_cut(frame.frame_idx, reverse=frame.reverse)
            for frame in batch
        ]

    def _flag(
        self, batch: list[PredictedFrame], free: list[_MaskFile], over_cut: list[bool]
    ) -> FlaggedMasks:
        new = []
        for frame, cut in zip(batch, over_cut, strict=True):
            rows = {file.key: file.row for file in free if file.frame is frame}
            new.append(NewMasks(frame.done, frame.frame_idx, frame.reverse, cut, rows))
        return self._project.db.read(lambda tx: self._flags.flag(tx, new))

    def _commit(
        self, tx: Transaction, flagged: FlaggedMasks, prompted: list[_MaskFile], job: JobRow
    ) -> list[tuple[SessionKey, MaskRow]]:
        rev = next_rev(tx)
        saved = []
        for (key, frame_idx), flags in flagged.late.items():
            if row := flag_mask(tx, key, frame_idx, flags):
                saved.append((key, row))
        for (key, frame_idx), row in flagged.rows.items():
            if self._is_taken(tx, key, frame_idx):
                continue
            mask = replace(row, rev=rev)
            save_mask(tx, key, mask)
            saved.append((key, mask))
        for file in prompted:
            self._break_if_new(tx, file.key, file.row.frame_idx)
        save_progress(tx, job)
        if flagged.pause is not None:
            save_pause(tx, job.job_id, flagged.pause.to_wire())
        return saved


def _second_ious(files: list[_MaskFile]) -> list[tuple[SessionKey, int, float]]:
    """Compare masks of the second visit with what was before the run."""
    second = [file for file in files if file.is_second and file.iou is not None]
    return [(file.key, file.row.frame_idx, file.iou or 0.0) for file in second]
