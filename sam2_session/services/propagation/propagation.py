"""Carries prompts through a video: plans a run, then predicts it frame by frame."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sam2_session.core.conditioning import is_from
from sam2_session.core.errors import EngineClosed, InvalidRequest, NothingToDo
from sam2_session.core.run_request import RunRequest
from sam2_session.core.types import UNFINISHED, MemoryMode, OnApproved, RunMode, SessionKey
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.slot import EngineSlot
from sam2_session.runtime import sleep
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.frame_task import PendingFrame, predict_frame
from sam2_session.services.propagation.gaps import fill_plan, find_gaps, is_filled
from sam2_session.services.propagation.mask_writer import PredictedFrame
from sam2_session.services.propagation.plan import PlannedFrame, RunPlan, Stretch
from sam2_session.services.propagation.run_job import KIND, RunJob
from sam2_session.services.propagation.run_start import RunStart
from sam2_session.services.propagation.same_run import is_same_run
from sam2_session.services.propagation.stretch_watch import StretchWatch
from sam2_session.services.propagation.stretches import (
    CUT_SHORT,
    find_stretches,
    is_cut_short,
    pair_name,
    whole,
)
from sam2_session.services.propagation.taking_back import accept
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    prompted_digests,
    prompted_frames,
    read_frame,
)
from sam2_session.storage.job_rows import JobRow, list_jobs
from sam2_session.storage.mask_rows import (
    complete_run,
    list_runs,
    masks_between,
)

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine

EXTRACTION_POLL_S = 0.2
READ_AHEAD = 3  # frames to read while the device predicts the one before


class PropagationService:
    """Plans runs, and predicts each frame as a device task of its own, so clicks come between."""

    def __init__(
        self,
        projects: Projects,
        slot: EngineSlot,
        start: RunStart,
        staleness: Staleness,
    ) -> None:
        self._projects = projects
        self._slot = slot
        self.start = start
        self._staleness = staleness

    def plan(self, video_id: str, request: RunRequest) -> RunPlan:
        """Plan a requested run; raises `NothingToDo` if nothing changed since the last run.

        Pairs without prompts are left out, and so are unchanged ones unless `request.force`.
        """
        project = self._projects.get(video_id)
        last = project.num_frames - 1
        start = 0 if request.start is None else request.start
        end = last if request.end is None else min(request.end, last)
        if start > end:
            raise InvalidRequest(f"start {start} lies after end {end}.")
        seed = request.from_frame
        if seed is not None and not start <= seed <= end:
            raise InvalidRequest(f"from_frame {seed} lies outside of frames {start} to {end}.")
        firsts = {
            key: rows[0].frame_idx if seed is None else seed
            for key in self._requested(project, request)
            if (rows := project.db.read(partial(prompted_frames, key=key)))
        }
        if not firsts:
            raise NothingToDo(
                "There is nothing to propagate.", hint="Click on the object on some frame first."
            )
        plan = RunPlan(firsts, start, end, request.direction)
        if request.mode is RunMode.STRETCH:
            plan = self._of_stretches(project, plan, request)
        elif request.mode is RunMode.FILL:
            plan = self._of_gaps(project, plan, request)
        elif not request.force:
            plan = self._without_unchanged(project, plan, request)
        if not plan.frames():
            raise NothingToDo("No frame lies in that direction.", hint="Choose another range.")
        return plan

    def params(self, plan: RunPlan, request: RunRequest) -> dict[str, Any]:
        """Describe a plan for the jobs table, with the network, since no other can continue it."""
        choices: dict[str, Any] = {
            "on_guard": request.on_guard.value,
            "approved": request.approved.value,
            "from_frame": request.from_frame,
            "mode": request.mode.value,
            "memory": request.memory.value,
        }
        if plan.stretches is not None:
            whole_plan = replace(plan, stretches=None)
            choices["reach"] = len({frame.frame_idx for frame in whole_plan.frames()})
            choices[CUT_SHORT] = self._cut_short(plan, request)
        return {**plan.to_json(), "network": self._staleness.signature(), **choices}

    def resumable(
        self, project: Project, plan: RunPlan, params: Mapping[str, Any], jobs: list[JobRow]
    ) -> JobRow | None:
        """Find a stopped job that the same request can continue at its first missing frame."""
        for job in reversed(jobs):
            if job.kind == KIND and is_same_run(job.params, params) and job.done < job.total:
                newest = self.is_newest_run(project, plan, job.run)
                return job if newest and job.state not in UNFINISHED else None
        return None

    def is_newest_run(self, project: Project, plan: RunPlan, run: int) -> bool:
        """Return whether this is each pair's newest run, and was made from its current prompts."""
        return all(self.is_current(project, key, run) for key in plan.firsts)

    def is_current(self, project: Project, key: SessionKey, run: int) -> bool:
        """Return whether this is the pair's newest run, and was made from its current prompts."""
        runs = project.db.read(partial(list_runs, key=key))
        now = self._staleness.conditioning_now(project, key)
        return bool(runs) and runs[0].run == run and is_from(runs[0].conditioning, now)

    def can_run(self) -> bool:
        """Return whether a model is loaded."""
        return self._slot.peek() is not None

    def frames(self, project: Project, job: RunJob) -> Generator[PredictedFrame | None, None, None]:
        """Predict from the job's cursor on, yielding after each frame; nothing is held across it.

        The next frame waits for the device while the last one is being yielded, and the frames
        behind it are read, so that the device goes from one to the other. Yields None while it
        waits for a frame that is still being extracted. Close it when it is left early.
        """
        engine = self._slot.get()
        row = job.row
        plan = RunPlan.from_json(project.video_id, row.params)
        planned, watch = plan.frames(), None
        if plan.stretches is not None:
            watch = StretchWatch(plan, row.run)
            task = partial(watch.catch_up, engine, planned[: row.done])
            engine.submit(Priority.STEP, task).result()
        memory = MemoryMode(row.params.get("memory", MemoryMode.PLAIN))
        predict = partial(predict_frame, engine, row.run, memory, watch)
        under_way: PendingFrame | None = None
        try:
            for cursor, frame in enumerate(planned[row.done :], start=row.done):
                while self._is_to_come(project, frame.frame_idx):
                    yield under_way.predicted() if under_way else None
                    under_way = None
                    sleep(EXTRACTION_POLL_S)
                before, under_way = under_way, PendingFrame(cursor, frame.without(job.left))
                if (
                    frame.frame_idx < project.num_frames
                ):  # otherwise the video is shorter than its index said
                    absent = self._absent(project, frame)
                    tracks = watch is None or watch.wanted([frame])
                    keys = frame.without({*absent}).keys if tracks else ()
                    under_way.begin(engine, partial(predict, absent), keys)
                    ahead = planned[cursor + 1 : cursor + 1 + READ_AHEAD]
                    self._read_ahead(engine, project, watch.wanted(ahead) if watch else ahead)
                if before:
                    yield before.predicted()
            if under_way:
                yield under_way.predicted()
        finally:
            if under_way:
                under_way.give_up()
            with suppress(EngineClosed):  # the engine was exchanged; a new engine has no sessions
                engine.submit(Priority.STEP, engine.trim)

    def _absent(self, project: Project, planned: PlannedFrame) -> tuple[SessionKey, ...]:
        """Return the pairs that are marked absent on a frame; the run leaves them out there."""

        def read(tx: Transaction) -> tuple[SessionKey, ...]:
            rows = [(key, read_frame(tx, key, planned.frame_idx)) for key in planned.keys]
            return tuple(key for key, row in rows if row is not None and row.state.absent)

        return project.db.read(read)

    def _read_ahead(
        self, engine: Engine, project: Project, planned: Sequence[PlannedFrame]
    ) -> None:
        extracted = self._projects.videos.info(project.video_id).extracted
        frames = [
            (project.video_id, frame.frame_idx) for frame in planned if frame.frame_idx < extracted
        ]
        engine.features.read_ahead.want([frame for frame in frames if frame not in engine.features])

    def finish(self, project: Project, job: JobRow) -> None:
        """Note that the run reached its last frame."""
        plan = RunPlan.from_json(project.video_id, job.params)

        def save(tx: Transaction) -> None:
            complete_run(tx, job.run)
            accept(tx, job, plan)

        project.db.write(save)

    def _requested(self, project: Project, request: RunRequest) -> list[SessionKey]:
        if request.pairs is None:
            return [key for key in project.pairs() if not project.instance(key.instance_id).locked]
        keys = []
        for instance_id, region in request.pairs:
            project.instance(instance_id, for_change=True)
            keys.append(self._projects.key(project.video_id, instance_id, region)[1])
        return list(dict.fromkeys(keys))

    def _of_stretches(self, project: Project, plan: RunPlan, request: RunRequest) -> RunPlan:
        """Return the plan of what corrections can have changed; see `find_stretches`."""
        if request.from_frame is not None:
            raise InvalidRequest(
                "A stretch run begins at the corrections.", hint="Leave out from_frame, or mode."
            )
        alike = {"network": self._staleness.signature(), "memory": request.memory.value}

        def find(tx: Transaction) -> list[Stretch]:
            found: list[Stretch] = []
            for key in plan.firsts:
                own = find_stretches(tx, key, plan, alike, request.approved)
                found += whole(key, plan) if own is None or request.force else own
            return found

        stretches = tuple(project.db.read(find))
        if not stretches:
            raise _nothing_changed()
        keys = {stretch.key for stretch in stretches}
        firsts = {key: first for key, first in plan.firsts.items() if key in keys}
        found = replace(plan, firsts=firsts, stretches=stretches)
        return self._stopped(project, found) or found

    def _of_gaps(self, project: Project, plan: RunPlan, request: RunRequest) -> RunPlan:
        """Return the plan of a fill; see `find_gaps`."""
        if request.from_frame is not None:
            raise InvalidRequest("A fill begins at prompted frames.", hint="Leave out from_frame.")
        gaps = project.db.read(partial(find_gaps, plan=plan))
        if not gaps:
            raise NothingToDo(
                "A fill needs frames between two prompted ones.",
                hint="Click on the object on a second frame, or hold an approved mask there (M).",
            )
        left = [
            gap
            for gap in gaps
            if request.force
            or not project.db.read(partial(is_filled, gap=gap, now=self._now(project, gap.key)))
            or self._has_stale(project, gap.key, gap.span, request.approved)
        ]
        if not left:
            raise _nothing_changed()
        return fill_plan(left)

    def _now(self, project: Project, key: SessionKey) -> str:
        return self._staleness.conditioning_now(project, key)

    def _stopped(self, project: Project, plan: RunPlan) -> RunPlan | None:
        """Return the plan of the newest run, if it was stopped and this one would go on with it."""
        runs = [job for job in project.db.read(list_jobs) if job.kind == KIND]
        if not runs or runs[-1].done == runs[-1].total:
            return None
        before = RunPlan.from_json(project.video_id, runs[-1].params)
        reach = (before.firsts.keys(), before.start, before.end, before.direction)
        alike = reach == (plan.firsts.keys(), plan.start, plan.end, plan.direction)
        goes_on = alike and before.stretches is not None
        return before if goes_on and self.is_newest_run(project, before, runs[-1].run) else None

    def _cut_short(self, plan: RunPlan, request: RunRequest) -> list[str]:
        """Name the pairs of a stretch run whose stretches its range may have cut."""
        alike = {"network": self._staleness.signature(), "memory": request.memory.value}
        project = self._projects.get(next(iter(plan.firsts)).video_id)
        return [
            pair_name(key)
            for key in plan.firsts
            if plan.is_stretched(key)
            and project.db.read(partial(is_cut_short, key=key, plan=plan, alike=alike))
        ]

    def _without_unchanged(self, project: Project, plan: RunPlan, request: RunRequest) -> RunPlan:
        changed = {
            key: first
            for key, first in plan.firsts.items()
            if not self._is_done(project, key, plan.span(key), request.memory)
            or self._has_stale(project, key, plan.span(key), request.approved)
        }
        if not changed:
            raise _nothing_changed()
        return RunPlan(changed, plan.start, plan.end, plan.direction)

    def _is_done(
        self, project: Project, key: SessionKey, span: tuple[int, int], memory: MemoryMode
    ) -> bool:
        now = self._staleness.conditioning_now(project, key)
        modes = {
            job.run: job.params.get("memory", MemoryMode.PLAIN)
            for job in project.db.read(list_jobs)
        }
        for run in project.db.read(lambda tx: list_runs(tx, key)):
            if run.conditioning != now or modes.get(run.run, memory) != memory:
                return False
            if run.complete and run.first_frame <= span[0] and span[1] <= run.last_frame:
                return True
        return False

    def _has_stale(
        self, project: Project, key: SessionKey, span: tuple[int, int], approved: OnApproved
    ) -> bool:
        """Tell if there are masks that this run would replace, though a finished run made them all.

        A person rejected them, or they were approved and are no longer, or the request replaces
        approved ones, too.
        """
        stale = self._staleness.stale_runs(project, key)
        rows, prompted = project.db.read(
            lambda tx: (masks_between(tx, key, *span), dict(prompted_digests(tx, key)))
        )
        return any(
            row.rejection is not None
            or (row.run in stale and (approved is OnApproved.REPLACE or not row.approved))
            for row in rows
            if row.frame_idx not in prompted
        )

    def _is_to_come(self, project: Project, frame_idx: int) -> bool:
        """Tell if a frame is not extracted yet; raises the error if extraction failed before it."""
        info = self._projects.videos.info(project.video_id)
        waits = info.extracted <= frame_idx < info.num_frames
        if waits and info.error is not None:
            raise info.error
        return waits


def _nothing_changed() -> NothingToDo:
    return NothingToDo(
        "Nothing changed since the last propagation.",
        hint="Change a prompt first. Scripts can send force.",
    )
