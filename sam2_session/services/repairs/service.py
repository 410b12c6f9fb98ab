"""Repairs the masks of a range as a job: read frame by frame, then changed all at once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any

from sam2_session.core.cleaning import Cleaning
from sam2_session.core.errors import Conflict, InvalidRequest, NothingToDo, SessionError
from sam2_session.core.types import UNFINISHED, SessionKey
from sam2_session.runtime import monotonic, sleep
from sam2_session.services.jobs.background import BackgroundJob, FramesDone
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.mask_files import put_masks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.projects.run_guard import require_no_run
from sam2_session.services.prompts.after_commit import CommitFollower
from sam2_session.services.prompts.frame_batch import FrameBatch, Written
from sam2_session.services.repairs.frame_edits import (
    Clean,
    Delete,
    FrameEdit,
    Frames,
    Move,
    Repair,
)
from sam2_session.services.repairs.roll_back import RollBack
from sam2_session.services.repairs.spans import frames_in
from sam2_session.services.review.approvals import Span
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import copy_predictions, read_frame, remove_bases
from sam2_session.storage.job_rows import mark_rolled_back
from sam2_session.storage.mask_rows import read_mask
from sam2_session.storage.op_rows import next_rev

KIND = "repair"
CHUNK = 16  # frames that are read under the project's lock; a click waits for one chunk at most
POLL_S = 0.02


class RepairService:
    """Starts repairs; each changes all of its frames or none, and is one step to undo."""

    def __init__(
        self,
        projects: Projects,
        queue: JobQueue,
        frame_masks: FrameMasks,
        staleness: Staleness,
        predictions: PredictionService,
        follower: CommitFollower,
    ) -> None:
        self._projects = projects
        self._queue = queue
        self._frame_masks = frame_masks
        self._staleness = staleness
        self._predictions = predictions
        self._follower = follower

    @staticmethod
    def move(
        key: SessionKey, target: SessionKey, *, swap: bool, prompts: bool, approve: bool
    ) -> Repair:
        """Describe a move of masks to another pair; see `Move`."""
        return Move(key, target, swap, prompts, approve)

    @staticmethod
    def delete(key: SessionKey, *, checked: bool) -> Repair:
        """Describe the deletion of masks; see `Delete`."""
        return Delete(key, checked)

    @staticmethod
    def clean(key: SessionKey, cleaning: Cleaning, *, checked: bool) -> Repair:
        """Describe the cleaning of masks; see `Clean`. Raises `InvalidRequest` without a step."""
        if not cleaning:
            raise InvalidRequest("No step of cleaning is chosen.", hint="Set at least one of them.")
        return Clean(key, cleaning, checked)

    def start(
        self, repair: Repair, spans: Sequence[Span], client_id: str | None = None
    ) -> dict[str, Any]:
        """Queue a repair of these frames by a client, None for a script; returns ``{job_id}``.

        Raises `Conflict` if an instance is locked, or a run is making masks of one of its pairs.
        """
        return {"job_id": self._queue_up(repair, spans, client_id, []).job_id}

    def _queue_up(
        self,
        repair: Repair,
        spans: Sequence[Span],
        client_id: str | None,
        failed: list[SessionError],
    ) -> BackgroundJob:
        project = self._projects.of(repair.pairs[0])
        if len(set(repair.pairs)) < len(repair.pairs):
            raise InvalidRequest("Both pairs are the same.", hint="Choose another pair.")
        frames = frames_in(spans, project.num_frames)
        self._require_free(project, repair)
        pairs = [{"instance_id": key.instance_id, "region": key.region} for key in repair.pairs]
        details = {
            "client_id": client_id,
            "label": repair.label,
            "pairs": pairs,
            "start": frames[0],
            "end": frames[-1],
        }
        job = BackgroundJob(
            secrets.token_hex(8),
            KIND,
            project.video_id,
            len(frames),
            partial(self._steps, repair=repair, wanted=frames, failed=failed),
            details=details,
        )
        self._queue.submit(job)
        return job

    def perform(
        self,
        repair: Repair,
        spans: Sequence[Span],
        wait_s: float,
        client_id: str | None = None,
    ) -> dict[str, Any]:
        """Start a repair, and wait for its end; returns ``{job_id, rev, frames, undo_at}``.

        After `wait_s` the job goes on, and `rev` and `frames` are None. Raises its error.
        """
        failed: list[SessionError] = []
        job = self._queue_up(repair, spans, client_id, failed)
        until_s = monotonic() + wait_s
        while job.state in UNFINISHED and monotonic() < until_s and not self._queue.is_closing:
            sleep(POLL_S)
        if failed:
            raise failed[0]
        names = {"rev": "rev", "frames": "made", "undo_at": "undo_at"}
        return {"job_id": job.job_id, **{name: job.details.get(of) for name, of in names.items()}}

    def _require_free(self, project: Project, repair: Repair) -> None:
        for key in repair.pairs:
            self._projects.of(key)
            project.instance(key.instance_id, for_change=True)
        require_no_run(project, [(key.instance_id, key.region) for key in repair.pairs])

    def _steps(
        self, job: BackgroundJob, repair: Repair, wanted: list[int], failed: list[SessionError]
    ) -> FramesDone:
        """Read all frames, then commit; it can be cancelled until then, and leaves nothing.

        An error of the program's own also goes into `failed`, for the caller that waits.
        """
        project = self._projects.of(repair.pairs[0])
        frames = Frames(project, self._frame_masks)
        edits: list[FrameEdit] = []
        revs: dict[tuple[SessionKey, int], tuple[int, int]] = {}
        committed = False
        self._projects.finish_masks(project.video_id)
        with project.kept_open():
            try:
                for first in range(0, len(wanted), CHUNK):
                    chunk = wanted[first : first + CHUNK]
                    with project.lock:
                        found = repair.edits(frames, chunk)
                        revs |= _revs(project, found)
                    edits += found
                    yield from chunk
                with project.lock:
                    written = self._commit(job, repair, edits, revs, kept=frames.kept)
                    committed = True
                    self._put_prompted_masks(project, edits, written)
                self._follow(project, repair, edits, written)
            except SessionError as error:
                failed.append(error)
                raise
            finally:
                if not committed and frames.base_ids:
                    project.db.write(partial(remove_bases, base_ids=frames.base_ids))
        job.details |= {**_counts(edits, kept=frames.kept), "rev": written.rev}

    def _commit(
        self,
        job: BackgroundJob,
        repair: Repair,
        edits: list[FrameEdit],
        revs: dict[tuple[SessionKey, int], tuple[int, int]],
        *,
        kept: int,
    ) -> Written:
        if not edits:
            raise NothingToDo(repair.why_nothing(kept))
        project = self._projects.of(repair.pairs[0])
        self._require_free(project, repair)
        if _revs(project, edits) != revs:
            raise Conflict(
                "Somebody changed these frames meanwhile; nothing was repaired.",
                hint="Look at them, then try again.",
            )
        written, client_id = Written(), job.details["client_id"]

        def change(tx: Transaction) -> None:
            rev = next_rev(tx)
            batch = FrameBatch(tx, rev, self._staleness, written, client_id)
            for edit in edits:
                if edit.source is not None:
                    copy_predictions(tx, edit.source, edit.key, edit.frame_idx)
                batch.change(edit.key, edit.frame_idx, edit.before, edit.after, action=rev)
            batch.recondition()
            batch.reopen_runs()
            if isinstance(repair, RollBack):
                mark_rolled_back(tx, repair.run)

        project.db.write(change)
        return written

    def _put_prompted_masks(
        self, project: Project, edits: list[FrameEdit], written: Written
    ) -> None:
        """Give moved prompts the masks that they had, so that none is predicted again."""
        for key in {edit.key for edit in edits}:
            masks = [edit.mask for edit in edits if edit.key == key and edit.mask is not None]
            if masks:
                put_masks(project, key, masks, rev=written.rows[key][0].rev)

    def _follow(
        self, project: Project, repair: Repair, edits: list[FrameEdit], written: Written
    ) -> None:
        if isinstance(repair, Move | RollBack):  # the run's mask there was of another object
            for key in repair.pairs:
                frames = [edit.frame_idx for edit in edits if edit.key == key]
                erase = partial(self._frame_masks.erase_tracked, key, frames)
                self._predictions.forget_pair(key, erase)
        self._follower.follow(project, written)


def _revs(
    project: Project, edits: Sequence[FrameEdit]
) -> dict[tuple[SessionKey, int], tuple[int, int]]:
    """Read the revisions of frames and masks; 0 where there is none."""

    def read(tx: Transaction) -> dict[tuple[SessionKey, int], tuple[int, int]]:
        found = {}
        for edit in edits:
            row, mask = (
                read_frame(tx, edit.key, edit.frame_idx),
                read_mask(tx, edit.key, edit.frame_idx),
            )
            found[edit.key, edit.frame_idx] = (row.rev if row else 0, mask.rev if mask else 0)
        return found

    return project.db.read(read)


def _counts(edits: Sequence[FrameEdit], *, kept: int) -> dict[str, Any]:
    """Say in the job how many frames changed, and where one undo takes it back."""
    at = edits[0]
    place = {"instance_id": at.key.instance_id, "region": at.key.region}
    frames = {edit.frame_idx for edit in edits}
    return {"made": len(frames), "kept": kept, "undo_at": {**place, "frame_idx": at.frame_idx}}
