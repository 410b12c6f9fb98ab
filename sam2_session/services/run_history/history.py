"""Lists the runs of a video, compares them with what was before, and rolls them back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sam2_session.core.errors import MaskNotFound, NothingToDo, RunNotFound
from sam2_session.core.types import RunMode, SessionKey
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.run_job import KIND
from sam2_session.services.repairs.roll_back import RollBack
from sam2_session.services.repairs.service import RepairService
from sam2_session.storage.client_rows import read_client
from sam2_session.storage.database import Transaction
from sam2_session.storage.job_rows import JobRow, list_jobs
from sam2_session.storage.mask_rows import list_runs
from sam2_session.storage.replaced_rows import (
    RunCounts,
    count_restorable,
    count_runs,
    list_ious,
    read_replaced,
    stored_bytes,
    written_by,
)

NEAR_FRAMES = 16  # a run attends to the masks of as many frames before the one where it begins
WAIT_S = 50.0  # an answer within a minute; a longer roll-back goes on as a job
NO_COUNTS = RunCounts(0, 0, 0, 0)


class RunHistory:
    """The runs of each video as versions of its masks."""

    def __init__(self, projects: Projects, repairs: RepairService, replaced: ReplacedMasks) -> None:
        self._projects = projects
        self._repairs = repairs
        self._replaced = replaced

    def list(self, video_id: str) -> dict[str, Any]:
        """List the runs of a video, newest first, with what each of them changed."""
        project = self._projects.get(video_id)
        return project.db.read(_runs_to_wire)

    def compare(self, video_id: str, run: int) -> dict[str, Any]:
        """Return the IoU of each mask that a run replaced with the one that it wrote, by pair."""
        project = self._projects.get(video_id)
        _jobs_of(project, run)
        pairs: dict[tuple[int, str], list[list[float]]] = defaultdict(list)
        for instance_id, region, frame_idx, iou in project.db.read(partial(list_ious, run=run)):
            pairs[instance_id, region].append([frame_idx, round(iou, 4)])
        return {
            "run": run,
            "pairs": [
                {"instance_id": instance_id, "region": region, "ious": ious}
                for (instance_id, region), ious in pairs.items()
            ],
        }

    def read_before(self, key: SessionKey, run: int, frame_idx: int) -> dict[str, Any]:
        """Read the PNG of the mask that a run replaced. Raises `MaskNotFound`."""
        project = self._projects.of(key)
        rows = project.db.read(lambda tx: read_replaced(tx, run, key, frame_idx, frame_idx))
        if frame_idx not in rows:
            raise MaskNotFound(frame_idx)
        base = self._replaced.read(project, rows[frame_idx])
        return {"data": base.png, "content_type": "image/png", "rev": base.facts["rev"]}

    def roll_back(
        self,
        video_id: str,
        run: int,
        *,
        pairs: Sequence[tuple[int, str]] | None,
        start: int | None,
        end: int | None,
    ) -> dict[str, Any]:
        """Take a run's masks back, wholly or for these pairs and frames; one action to undo.

        Returns ``{rev, frames, job_id, undo_at, later, gone, notes}``. Masks that a person made or
        approved stay, and so do those of later runs. Raises `NothingToDo`.
        """
        project = self._projects.get(video_id)
        _jobs_of(project, run)
        reach = self._reach(project, run, pairs, start, end)
        if not reach:
            raise NothingToDo(
                "No mask of this run can be taken back here.",
                hint="The masks from before it were dropped for room, or it wrote none here.",
            )
        first = min(first for first, _ in reach.values())
        last = max(last for _, last in reach.values())
        repair = RollBack(run, tuple(reach), self._replaced)
        answer = self._repairs.perform(repair, [(first, last)], WAIT_S)
        later = project.db.read(lambda tx: _later_runs(tx, repair, reach))
        return {
            **answer,
            "later": later,
            "gone": repair.gone,
            "notes": [*map(_note, later), *_gone_note(repair.gone)],
        }

    def _reach(
        self,
        project: Project,
        run: int,
        pairs: Sequence[tuple[int, str]] | None,
        start: int | None,
        end: int | None,
    ) -> dict[SessionKey, tuple[int, int]]:
        """Find the pairs and frames that a roll-back may change."""
        wanted = None
        if pairs is not None:
            video_id = project.video_id
            wanted = {self._projects.key(video_id, n, region)[1] for n, region in pairs}
        low, high = start or 0, project.num_frames - 1 if end is None else end
        alive = {key.instance_id for key in project.pairs()}
        reach = {}
        for n, region, first, last in project.db.read(partial(written_by, run=run)):
            key = SessionKey(project.video_id, n, region)
            span = (max(first, low), min(last, high, project.num_frames - 1))
            if n in alive and span[0] <= span[1] and (wanted is None or key in wanted):
                reach[key] = span
        return reach


def _jobs_of(project: Project, run: int) -> list[JobRow]:
    jobs = [job for job in project.db.read(list_jobs) if job.run == run and job.kind == KIND]
    if not jobs:
        raise RunNotFound(run)
    return jobs


def _runs_to_wire(tx: Transaction) -> dict[str, Any]:
    jobs: dict[int, list[JobRow]] = defaultdict(list)
    for job in list_jobs(tx):
        if job.kind == KIND:
            jobs[job.run].append(job)
    counts, restorable = count_runs(tx), count_restorable(tx)
    runs = [
        _run_to_wire(tx, of_run, counts.get(run, NO_COUNTS), restorable.get(run, 0))
        for run, of_run in sorted(jobs.items(), reverse=True)
    ]
    return {"runs": runs, "bytes": stored_bytes(tx)}


def _run_to_wire(
    tx: Transaction, jobs: Sequence[JobRow], counts: RunCounts, restorable: int
) -> dict[str, Any]:
    """Describe a run: `frames` counts visits, `made` and the rest count masks."""
    first, newest = jobs[0], jobs[-1]
    params: Mapping[str, Any] = newest.params
    client_id = first.params.get("client_id")
    client = read_client(tx, client_id) if client_id else None
    took = [job.took_s for job in jobs if job.took_s is not None]
    pairs = [
        {"instance_id": pair["instance_id"], "region": pair["region"]}
        for pair in params.get("pairs", ())
    ]
    return {
        "run": newest.run,
        "job_id": newest.job_id,
        "state": newest.state.value,
        "created_at": first.created_at,
        "client": client.name or None if client else None,
        "client_id": client_id,
        "pairs": pairs,
        **{name: params.get(name) for name in ("start", "end", "direction", "from_frame")},
        "mode": params.get("mode", RunMode.FULL),
        "model": str(params.get("network", "")).split("/", 1)[0] or None,
        "prompts": counts.prompted,
        "took_s": round(sum(took), 2) if took else None,
        "frames": newest.done,
        "made": newest.made,
        "kept": newest.kept,
        "replaced": counts.replaced,
        "restorable": restorable,
        "dropped": counts.dropped,
        "rolled_back": bool(params.get("rolled_back")),
    }


def _later_runs(
    tx: Transaction, repair: RollBack, reach: Mapping[SessionKey, tuple[int, int]]
) -> list[dict[str, Any]]:
    """List later runs that wrote over these masks, or began beside them."""
    found = dict(repair.later)
    for key, (first, last) in reach.items():
        for run in list_runs(tx, key):
            near = run.first_frame - NEAR_FRAMES <= last and first <= run.last_frame + NEAR_FRAMES
            if run.run > repair.run and near:
                found.setdefault(run.run, 0)
    return [{"run": run, "masks": masks} for run, masks in sorted(found.items())]


def _note(later: Mapping[str, Any]) -> str:
    run, masks = later["run"], later["masks"]
    if masks:
        return f"Run {run} made {masks} of these masks anew: they stay as they are."
    return f"Run {run} came after and may have followed from these masks: its own stay as they are."


def _gone_note(gone: int) -> list[str]:
    if not gone:
        return []
    return [f"{gone} masks stay: what was before them was dropped for room."]
