"""Begins runs: conditions their pairs on the prompts of now, and prepares what undo needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sam2_session.core.conditioning import conditioning, stretched
from sam2_session.core.types import MemoryMode, RunMode, SessionKey
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.slot import EngineSlot
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.project import Project
from sam2_session.services.propagation.plan import RunPlan
from sam2_session.services.propagation.stretches import (
    BEFORE,
    STATES,
    before_run,
    pair_name,
    states_of,
    whole,
)
from sam2_session.services.propagation.taking_back import forget_replaced
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import predicted_frames, prompted_frames, set_conditioned
from sam2_session.storage.job_rows import JobRow
from sam2_session.storage.layered_log import drop_layers_aside
from sam2_session.storage.mask_rows import RunRow, begin_run

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine


class RunStart:
    """Conditions the pairs of a run before its first frame."""

    def __init__(
        self, slot: EngineSlot, predictions: PredictionService, replaced: ReplacedMasks
    ) -> None:
        self._slot = slot
        self._predictions = predictions
        self._replaced = replaced

    def begin(self, project: Project, job: JobRow, check: Callable[[], None]) -> JobRow:
        """Condition the run on the prompts as they are now, unless it goes on after a stop.

        A run that another network began is begun anew; returns the row to work on. `check` is
        called before each prompted frame that has to be predicted; it raises to stop here.
        """
        engine = self._slot.get()
        if job.params["network"] != engine.network.signature:
            job = _begun_anew(project.video_id, job, engine.network.signature)
        if job.done == 0:
            plan = RunPlan.from_json(project.video_id, job.params)
            for key in plan.firsts:
                self._predict_missing(engine, project, key, check)
            task = partial(self._condition, engine, project, plan, job)
            job = replace(job, params={**job.params, **engine.submit(Priority.STEP, task).result()})
        return job

    def _predict_missing(
        self, engine: Engine, project: Project, key: SessionKey, check: Callable[[], None]
    ) -> None:
        """Predict prompted frames one by one, so that a click waits for one frame at most."""
        signature = engine.network.signature
        known = project.db.read(partial(predicted_frames, key=key, signature=signature))
        for row in project.db.read(partial(prompted_frames, key=key)):
            if (row.frame_idx, row.state.digest) not in known:
                check()
                task = partial(self._predictions.predictions_of, engine, key, [row])
                engine.submit(Priority.STEP, task).result()

    def _condition(
        self, engine: Engine, project: Project, plan: RunPlan, job: JobRow
    ) -> dict[str, Any]:
        """Return what the run's own record says of its pairs; see `OWN_RECORD`."""
        record: dict[str, Any] = {STATES: {}, BEFORE: {}}
        for key in plan.firsts:
            while (states := self._condition_pair(engine, project, key, plan, job)) is None:
                pass  # a prompt changed between reading and writing
            record[STATES][pair_name(key)] = list(states[0].items())
            if plan.is_stretched(key):
                record[BEFORE][pair_name(key)] = states[1]
            self._begin_layer(engine, project, key, job.run, stretched=plan.is_stretched(key))
        return record

    def _condition_pair(
        self, engine: Engine, project: Project, key: SessionKey, plan: RunPlan, job: JobRow
    ) -> tuple[dict[int, str], dict[str, Any]] | None:
        """Return the states of a pair's frames and `before_run`; None if they changed meanwhile."""
        rows = project.db.read(lambda tx: prompted_frames(tx, key))
        predictions = self._predictions.predictions_of(engine, key, rows)
        frames = [(row.frame_idx, row.state.digest) for row in rows]
        text = conditioning(frames, engine.network.signature)
        digest = stretched(text) if plan.is_stretched(key) else text
        row = RunRow(job.run, digest, *plan.span(key), False, prompted=len(frames))
        alike = {
            "network": engine.network.signature,
            "memory": job.params.get("memory", MemoryMode.PLAIN),
        }

        def save(tx: Transaction) -> tuple[dict[int, str], dict[str, Any]] | None:
            if prompted_frames(tx, key) != rows:
                return None
            found = states_of(tx, key), before_run(tx, key, alike)
            set_conditioned(tx, key, frames)
            begin_run(tx, key, row)
            return found

        found = project.db.write(save)
        if found is not None:
            engine.session(key).condition(predictions)
        return found

    def _begin_layer(
        self, engine: Engine, project: Project, key: SessionKey, run: int, *, stretched: bool
    ) -> None:
        """Let a stretch run keep what it replaces; after a full one none can be taken back."""
        session = engine.session(key)
        ended = drop_layers_aside(project.workspace.track_log_path(key))
        if stretched:
            ended += session.begin_layer(run)
        else:
            ended += session.fold_layers()
        for ended_run in ended:
            self._replaced.drop_after(project, key, ended_run)
        if ended:
            project.db.write(partial(forget_replaced, key=key, runs=ended))


def _begun_anew(video_id: str, job: JobRow, network: str) -> JobRow:
    """Return the row of a run that begins anew with another network, which has no track log."""
    params = {**job.params, "network": network}
    plan, total = RunPlan.from_json(video_id, params), job.total
    if params.get("mode") == RunMode.STRETCH:
        parts = tuple(stretch for key in plan.firsts for stretch in whole(key, plan))
        plan = replace(plan, stretches=parts)
        params, total = {**params, **plan.to_json()}, len(plan.frames())
    return replace(job, done=0, made=0, kept=0, tracked=0, params=params, total=total)
