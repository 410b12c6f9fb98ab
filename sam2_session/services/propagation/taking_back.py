"""Takes a stretch run back with the correction that it followed, and brings it back with a redo.

Nothing is tracked: what it replaced is kept, as of any run, and its layer of the track log is set
aside. What a person made or approved since stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sam2_session.core.conditioning import conditioning, is_from, stretched
from sam2_session.core.errors import StorageFailed
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.frame_state import FrameState
from sam2_session.core.types import UNFINISHED, MaskSource, SessionKey
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.project import Project
from sam2_session.services.propagation.plan import RunPlan
from sam2_session.services.propagation.stretches import (
    BEFORE,
    CUT_SHORT,
    PENDING,
    TAKEN_BACK,
    pair_name,
)
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import prompted_digests, set_conditioned
from sam2_session.storage.job_rows import JobRow, list_jobs, save_job
from sam2_session.storage.layered_log import bring_layer_back, set_layer_aside
from sam2_session.storage.mask_rows import (
    MaskRow,
    RunRow,
    begin_run,
    drop_mask,
    drop_run,
    list_masks,
    list_runs,
    mask_of_wire,
    save_mask,
)
from sam2_session.storage.op_rows import next_rev
from sam2_session.storage.replaced_rows import ReplacedRow, read_replaced
from sam2_session.storage.workspace import KeptMask


@dataclass(slots=True)
class Exchange:
    """Masks of a pair that were exchanged in the database; files and track log follow."""

    key: SessionKey
    run: int
    side: KeptMask
    frames: list[int]


class TakingBack:
    """Exchanges the masks of a stretch run with those of before, as undo and redo ask for it."""

    def __init__(
        self,
        staleness: Staleness,
        predictions: PredictionService,
        bus: EventBus,
        replaced: ReplacedMasks,
    ) -> None:
        self._staleness = staleness
        self._predictions = predictions
        self._bus = bus
        self._replaced = replaced

    def undo(
        self, tx: Transaction, project: Project, key: SessionKey, frame_idx: int
    ) -> Exchange | None:
        """Take the newest run back, in the transaction that undoes a correction which it followed.

        Call it before the correction is undone. None if the run tracked in full, followed other
        corrections, is not finished, or cannot be taken back any more.
        """
        runs = list_runs(tx, key)
        now = conditioning(prompted_digests(tx, key), self._staleness.signature())
        if not runs or runs[0].conditioning != stretched(now):
            return None
        job = _job_of(tx, runs[0].run)
        if job is None or not _follows(job, key, frame_idx):
            return None
        made = [row for row in list_masks(tx, key) if _is_of(row, job.run)]
        frames = [row.frame_idx for row in made]
        replaced = _replaced_by(tx, project, key, job.run, frames)
        if replaced is None:
            return None
        self._replaced.keep_after(project, key, job.run, frames)
        name, rev = pair_name(key), next_rev(tx)
        for frame_idx in frames:
            facts = replaced[frame_idx].facts
            if facts is None:
                drop_mask(tx, key, frame_idx)
            else:
                save_mask(tx, key, replace(mask_of_wire(facts), rev=rev))
        taken = {
            "rev": rev,
            "rows": [row.to_wire() for row in made],
            "run": [runs[0].conditioning, runs[0].first_frame, runs[0].last_frame],
            "side": "before",
        }
        _save(tx, job, name, taken)
        _restore_runs(tx, key, runs, job.params[BEFORE][name])
        drop_run(tx, key, job.run)
        return Exchange(key, job.run, "before", frames)

    def redo(
        self, tx: Transaction, project: Project, key: SessionKey, after: tuple[int, FrameState]
    ) -> Exchange | None:
        """Bring a run back, in the transaction that redoes the correction which it followed.

        `after` is the frame and the state that it goes to. None if there is no such run.
        """
        digests = dict(prompted_digests(tx, key)) | {after[0]: after[1].digest}
        if not after[1].is_prompted:
            del digests[after[0]]
        then = conditioning(list(digests.items()), self._staleness.signature())
        job, name = _taken_back(tx, key, then), pair_name(key)
        if job is None or name not in job.params.get(BEFORE, {}):
            return None
        taken = job.params[TAKEN_BACK][name]
        path_of = partial(project.workspace.replaced_path, key, job.run, kept="after")
        if not all(path_of(wire["frame_idx"]).exists() for wire in taken["rows"]):
            return None  # removed from outside
        rev, stored = next_rev(tx), {row.frame_idx: row for row in list_masks(tx, key)}
        frames = []
        for wire in taken["rows"]:
            now = stored.get(wire["frame_idx"])
            if now is None or now.rev == taken["rev"]:  # else it was changed since
                save_mask(tx, key, replace(mask_of_wire(wire), rev=rev))
                frames.append(wire["frame_idx"])
        text, first, last = taken["run"]
        for row in list_runs(tx, key):
            if is_from(row.conditioning, _conditioning_before(job, name)):
                begin_run(tx, key, replace(row, conditioning=text))
        begin_run(tx, key, RunRow(job.run, text, first, last, True))
        set_conditioned(tx, key, digests.items())
        _save(tx, job, name, None, frames)
        return Exchange(key, job.run, "after", frames)

    def follow(self, project: Project, exchange: Exchange) -> None:
        """Put files and track log in place, and announce it; hold the project's lock."""
        key, run = exchange.key, exchange.run
        try:
            self._replaced.place(project, key, run, exchange.frames, exchange.side)
        except StorageFailed as error:  # they follow at the next start
            project.fell_behind(error)
            return
        move = set_layer_aside if exchange.side == "before" else bring_layer_back
        path = project.workspace.track_log_path(key)
        self._predictions.forget_pair(key, lambda: move(path, run))
        project.db.write(lambda tx: _settled(tx, key, run))
        data = {"key": key.to_wire(), "rev": 0, "client_id": None}
        self._bus.publish(Event(EventName.MASKS_CHANGED, data, video_id=key.video_id))

    def recover(self, project: Project) -> None:
        """Finish exchanges whose files a crash left behind."""
        for job in project.db.read(list_jobs):
            for name, pending in job.params.get(PENDING, {}).items():
                instance_id, region = name.split("/", 1)
                key = SessionKey(project.video_id, int(instance_id), region)
                with project.lock:
                    exchange = Exchange(key, job.run, pending["side"], pending["frames"])
                    self.follow(project, exchange)


def forget_replaced(tx: Transaction, key: SessionKey, runs: Iterable[int]) -> None:
    """Forget what these runs were conditioned on: no undo takes them back any more."""
    name = pair_name(key)
    for job in list_jobs(tx):
        params = {**job.params}
        if job.run not in runs or name not in params.get(BEFORE, {}):
            continue
        params[BEFORE] = {pair: what for pair, what in params[BEFORE].items() if pair != name}
        if taken := params.get(TAKEN_BACK, {}).get(name):
            params[TAKEN_BACK] = {**params[TAKEN_BACK], name: {**taken, "rows": []}}
        save_job(tx, replace(job, params=params))


def accept(tx: Transaction, job: JobRow, plan: RunPlan) -> None:
    """Note that a finished run of stretches left the other masks of the pair as good as its own."""
    for key in plan.firsts:
        name = pair_name(key)
        runs = {row.run: row for row in list_runs(tx, key)}
        own = runs.get(job.run)
        if not plan.is_stretched(key) or own is None or not own.conditioning:
            continue
        if name in job.params.get(CUT_SHORT, ()):
            continue
        for row in runs.values():
            if row.run < job.run and is_from(row.conditioning, _conditioning_before(job, name)):
                begin_run(tx, key, replace(row, conditioning=own.conditioning))


def _replaced_by(
    tx: Transaction, project: Project, key: SessionKey, run: int, frames: list[int]
) -> dict[int, ReplacedRow] | None:
    """Read what a run replaced on these frames; None if any of it was dropped for room, or lost."""
    if not frames:
        return {}
    rows = read_replaced(tx, run, key, frames[0], frames[-1])
    path_of = partial(project.workspace.replaced_path, key, run)
    kept = all(idx in rows and (rows[idx].facts is None or path_of(idx).exists()) for idx in frames)
    return rows if kept else None


def _conditioning_before(job: JobRow, name: str) -> str:
    """Return the conditioning of the masks on which a stretch run built."""
    return str(job.params[BEFORE][name]["base"]).rstrip("~")


def _job_of(tx: Transaction, run: int) -> JobRow | None:
    found = [job for job in list_jobs(tx) if job.run == run]
    if not found or any(job.state in UNFINISHED for job in found):
        return None
    return found[-1]


def _taken_back(tx: Transaction, key: SessionKey, then: str) -> JobRow | None:
    """Find the run that was taken back last, if these prompts are its own and no other run came."""
    runs, name = list_runs(tx, key), pair_name(key)
    newest = runs[0].run if runs else 0
    for job in list_jobs(tx):
        taken = job.params.get(TAKEN_BACK, {}).get(name)
        if taken is not None and job.run > newest and is_from(taken["run"][0], then):
            return job
    return None


def _follows(job: JobRow, key: SessionKey, frame_idx: int) -> bool:
    """Tell if a run tracked stretches of a pair, and one of them for a correction of this frame."""
    if BEFORE not in job.params or pair_name(key) not in job.params[BEFORE]:
        return False
    plan = RunPlan.from_json(key.video_id, job.params)
    return any(part.key == key and frame_idx in part.starts for part in plan.stretches or ())


def _is_of(row: MaskRow, run: int) -> bool:
    return row.run == run and row.source is MaskSource.PROPAGATED and not row.approved


def _restore_runs(
    tx: Transaction, key: SessionKey, runs: list[RunRow], before: Mapping[str, Any]
) -> None:
    texts = dict(before["runs"])
    for row in runs:
        if row.run in texts:
            begin_run(tx, key, replace(row, conditioning=texts[row.run]))
    set_conditioned(tx, key, [tuple(frame) for frame in before["conditioned"]])


def _save(
    tx: Transaction,
    job: JobRow,
    name: str,
    taken: dict[str, Any] | None,
    frames: list[int] | None = None,
) -> None:
    """Note in the job whether a pair is taken back, and that its files have yet to follow."""
    others = {pair: rows for pair, rows in job.params.get(TAKEN_BACK, {}).items() if pair != name}
    if taken is not None:
        others[name] = taken
        frames = [row["frame_idx"] for row in taken["rows"]]
    side = "before" if taken is not None else "after"
    pending = {**job.params.get(PENDING, {}), name: {"side": side, "frames": frames}}
    save_job(tx, replace(job, params={**job.params, TAKEN_BACK: others, PENDING: pending}))


def _settled(tx: Transaction, key: SessionKey, run: int) -> None:
    for job in list_jobs(tx):
        pending = job.params.get(PENDING, {})
        if job.run == run and pair_name(key) in pending:
            left = {name: what for name, what in pending.items() if name != pair_name(key)}
            save_job(tx, replace(job, params={**job.params, PENDING: left}))
