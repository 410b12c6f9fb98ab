"""Puts the services of batches together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sam2_session.core.events import EventBus
from sam2_session.services.batches.ahead import NextItems
from sam2_session.services.batches.batch_exports import BatchExports
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.batches.claims import Claims
from sam2_session.services.batches.elsewhere import RunsElsewhere
from sam2_session.services.batches.handouts import Handouts
from sam2_session.services.batches.item_annotations import ItemAnnotations
from sam2_session.services.batches.item_runs import ItemRunner, ItemRuns
from sam2_session.services.batches.processing import BatchProcessing
from sam2_session.services.batches.scene_cut_job import SceneCutJobs
from sam2_session.services.batches.service import BatchService
from sam2_session.services.batches.states import BatchStates
from sam2_session.services.batches.steps import BatchSteps
from sam2_session.services.batches.watch import BatchWatch
from sam2_session.services.exports.service import ExportService
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.projects.instances import InstanceService
from sam2_session.services.projects.projects import Projects
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.review.approvals import ApprovalService
from sam2_session.services.trash.trash import Trash
from sam2_session.services.viewers.prefetcher import Prefetcher
from sam2_session.services.viewers.presence import Presence
from sam2_session.storage.batch_files import BatchFiles
from sam2_session.storage.progress_facts import ProgressFacts


@dataclass(frozen=True, slots=True)
class BatchNeeds:
    """The services that batches use."""

    projects: Projects
    prompts: PromptService
    instances: InstanceService
    approvals: ApprovalService
    runs: RunService
    exports: ExportService
    jobs: JobRegistry
    trash: Trash
    background: JobQueue
    presence: Presence
    prefetcher: Prefetcher
    progress: Callable[[str], ProgressFacts]
    bus: EventBus


class Batches:
    """The services of batches: `service` for lists, `steps` for items, `processing` for runs."""

    def __init__(self, needs: BatchNeeds) -> None:
        self._projects = needs.projects
        projects, bus = needs.projects, needs.bus
        videos, workspace = projects.videos, projects.workspace
        files, claims = BatchFiles(workspace), Claims()
        self._book = BatchBook(files)

        def clients() -> dict[str, list[str]]:
            found = needs.presence.clients_by_video()
            for video_id, claimed_by in claims.by_video().items():
                found[video_id] = list(dict.fromkeys([*found.get(video_id, []), *claimed_by]))
            return found

        states = BatchStates(videos, needs.progress, needs.jobs, clients, needs.presence.names)
        scene_cuts = SceneCutJobs(workspace, videos, needs.background)
        self.service: BatchService = BatchService(
            videos, self._book, states, scene_cuts, needs.trash, bus
        )
        self.exports: BatchExports = BatchExports(needs.exports, self._book, states, files)
        self.item_runs: ItemRuns = ItemRuns(projects, needs.runs, needs.jobs, self.exports)
        self.processing = BatchProcessing(
            self._book, states, self.item_runs, needs.jobs, self.service.announce
        )
        ahead = NextItems(videos, needs.prefetcher)
        annotations = ItemAnnotations(projects, needs.prompts, needs.instances, needs.approvals)
        handouts = Handouts(self._book, states, claims, annotations, ahead)
        self.steps = BatchSteps(
            self.service, self._book, states, annotations, self.processing, handouts
        )
        self._watch = BatchWatch(self._book, states, self.service, ahead, claims, bus)
        self.elsewhere = RunsElsewhere(videos, self._book, self._watch.hear)
        states.elsewhere = self.elsewhere.newest

    def go_on(self, runner: ItemRunner | None = None) -> None:
        """Go on with processing that a stop interrupted; `runner` runs the items elsewhere."""
        if not self._projects.is_read_only:
            self.processing.start(runner)

    def close(self) -> None:
        """Stop between two steps; what is unfinished goes on at the next start."""
        self.processing.close()
        self._watch.close()
