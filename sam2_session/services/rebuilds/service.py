"""Makes all masks again from the saved prompts, with any model, beside the saved masks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from functools import partial
from typing import TYPE_CHECKING, Any

from sam2_session.core.errors import InvalidRequest, NothingToDo
from sam2_session.core.png import encode_gray8
from sam2_session.core.types import Direction, SessionKey
from sam2_session.services.jobs.background import BackgroundJob, FramesDone
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.plan import RunPlan
from sam2_session.services.rebuilds.rendering import MaskRenderer, SavedPrompts
from sam2_session.services.rebuilds.report import OverlapReport
from sam2_session.services.rebuilds.taking import TakeRebuilt
from sam2_session.services.repairs.service import RepairService
from sam2_session.storage.database import Transaction
from sam2_session.storage.extraction import require_space
from sam2_session.storage.frame_rows import prompted_digests
from sam2_session.storage.mask_rows import list_masks
from sam2_session.storage.rebuilds import RebuildStore

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine

KIND = "rebuild"
CHECK_SPACE_EVERY = 64  # frames

# Gives the engine of a model, or with None the one in use; one made for this ends with the block.
EngineOf = Callable[[str | None], "AbstractContextManager[Engine]"]
PairNames = Sequence[tuple[int, str]]


class RebuildService:
    """Rebuilds masks as a job, and takes them over if the user likes them better."""

    def __init__(
        self,
        projects: Projects,
        queue: JobQueue,
        frame_masks: FrameMasks,
        engine_of: EngineOf,
        repairs: RepairService,
    ) -> None:
        self._projects = projects
        self._queue = queue
        self._frame_masks = frame_masks
        self._engine_of = engine_of
        self._repairs = repairs
        self._store = RebuildStore(projects.workspace)

    def start(
        self,
        video_id: str,
        pairs: PairNames | None,
        model: str | None,
        span: tuple[int | None, int | None] = (None, None),
    ) -> dict[str, Any]:
        """Queue a rebuild; returns ``{job_id}``, which is also the rebuild's id.

        Without a span it covers the frames that have masks or prompts. Raises `NothingToDo` if no
        pair has prompts.
        """
        project = self._projects.get(video_id)
        plan = self._plan(project, pairs, span)
        rebuild_id = f"rebuild-{secrets.token_hex(6)}"
        named = [{"instance_id": key.instance_id, "region": key.region} for key in plan.firsts]
        job = BackgroundJob(
            rebuild_id,
            KIND,
            video_id,
            len(plan.frames()),
            partial(self._steps, project=project, plan=plan, model=model),
            details={"pairs": named, "start": plan.start, "end": plan.end, "label": model},
        )
        self._queue.submit(job)
        return {"job_id": rebuild_id}

    def list(self, video_id: str) -> dict[str, Any]:
        """List the complete rebuilds of a video with their figures, without single frames."""
        self._projects.videos.info(video_id)
        return {"rebuilds": [_without_frames(report) for report in self._store.all(video_id)]}

    def report(self, video_id: str, rebuild_id: str) -> dict[str, Any]:
        """Return the figures of a rebuild, with every frame. Raises `NotFound`."""
        self._projects.videos.info(video_id)
        return self._store.report(video_id, rebuild_id)

    def mask_png(self, key: SessionKey, rebuild_id: str, frame_idx: int) -> bytes:
        """Return a rebuilt mask. Raises `NotFound`, or `MaskNotFound`."""
        return self._store.mask_png(key, rebuild_id, frame_idx)

    def take(self, video_id: str, rebuild_id: str, pairs: PairNames | None) -> dict[str, Any]:
        """Queue the replacement of saved masks by the rebuilt ones; returns ``{job_id}``.

        Raises `NotFound`, or `Conflict` if a run is making masks of one of the pairs.
        """
        report = self._store.report(video_id, rebuild_id)
        named = {(pair["instance_id"], pair["region"]): pair for pair in report["pairs"]}
        for instance_id, region in pairs or ():
            if (instance_id, region) not in named:
                raise InvalidRequest(f"{instance_id}/{region} was not rebuilt.")
        chosen = {name: named[name] for name in (pairs or named)}
        keys = {name: SessionKey(video_id, *name) for name in chosen}
        rows = [(keys[name], row) for name, pair in chosen.items() for row in pair["frames"]]
        scores = {(key, row["frame_idx"]): row["score"] for key, row in rows}
        frames = [row["frame_idx"] for _, row in rows]
        taken = TakeRebuilt(self._store, rebuild_id, tuple(keys.values()), scores)
        return self._repairs.start(taken, [(min(frames), max(frames))])

    def _plan(
        self, project: Project, pairs: PairNames | None, span: tuple[int | None, int | None]
    ) -> RunPlan:
        if pairs is None:
            keys = list(project.pairs())
        else:
            keys = [self._projects.key(project.video_id, *pair)[1] for pair in pairs]
        reaches = {
            key: reach for key in keys if (reach := project.db.read(partial(_reach, key=key)))
        }
        if not reaches:
            raise NothingToDo(
                "There are no prompts to make masks from.", hint="Click on the object first."
            )
        last = project.num_frames - 1
        start = min(low for low, _, _ in reaches.values()) if span[0] is None else span[0]
        end = max(high for _, _, high in reaches.values()) if span[1] is None else span[1]
        plan = RunPlan(
            {key: first for key, (_, first, _) in reaches.items()},
            start,
            min(end, last),
            Direction.BOTH,
        )
        if plan.start > plan.end:
            raise InvalidRequest(f"start {plan.start} lies after end {plan.end}.")
        return plan

    def _steps(
        self, job: BackgroundJob, project: Project, plan: RunPlan, model: str | None
    ) -> FramesDone:
        """Render, compare and write every mask; it can be cancelled, and leaves nothing then."""
        saved = self._read_prompts(project, plan)
        report = OverlapReport(project, self._frame_masks, saved)
        with project.kept_open(), self._engine_of(model) as engine:
            folder = self._store.begin(project.video_id, job.job_id)
            try:
                renderer = MaskRenderer(project, engine, saved, folder)
                with closing(renderer):
                    for count, (frame_idx, masks) in enumerate(renderer.frames(plan)):
                        if count % CHECK_SPACE_EVERY == 0:
                            require_space(folder, self._projects.workspace.min_free_bytes)
                        for mask in masks:
                            report.add(mask)
                            png = encode_gray8(mask.mask_hw)
                            self._store.put_mask(folder, mask.key, frame_idx, png)
                        yield frame_idx
                network = engine.network
                document = report.to_json(job.job_id, network.name, network.signature)
                self._store.publish(folder, document)
            except BaseException:
                self._store.discard(folder)
                raise

    def _read_prompts(self, project: Project, plan: RunPlan) -> Mapping[SessionKey, SavedPrompts]:
        return {key: project.db.read(partial(SavedPrompts.read, key=key)) for key in plan.firsts}


def _reach(tx: Transaction, key: SessionKey) -> tuple[int, int, int] | None:
    """Return a pair's first frame with a mask or prompts, its first prompted one, and its last."""
    prompted = [frame_idx for frame_idx, _ in prompted_digests(tx, key)]
    if not prompted:
        return None
    frames = [*prompted, *(row.frame_idx for row in list_masks(tx, key))]
    return min(frames), prompted[0], max(frames)


def _without_frames(report: dict[str, Any]) -> dict[str, Any]:
    pairs = [
        {name: value for name, value in pair.items() if name != "frames"}
        for pair in report["pairs"]
    ]
    return {**report, "pairs": pairs}
