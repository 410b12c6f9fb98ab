"""Composition root of the session process: makes every object once, the lower ones first."""

from __future__ import annotations

from functools import partial
from typing import Any

from sam2_session.core.errors import DamagedDatabase, FsyncFailed
from sam2_session.inference.loading import limit_threads
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import Registry
from sam2_session.runtime import stop_at_once
from sam2_session.services.batches.batches import Batches, BatchNeeds
from sam2_session.services.batches.item_runs import ItemRunner
from sam2_session.services.carrying.service import CarryService
from sam2_session.services.compaction.service import CompactionService
from sam2_session.services.compaction.track_log_bound import TrackLogBound
from sam2_session.services.exports.id_pictures import IdPictureService
from sam2_session.services.exports.overlays import OverlayService
from sam2_session.services.exports.service import ExportService
from sam2_session.services.exports.source import Readers
from sam2_session.services.exports.streams import MaskStreams
from sam2_session.services.foundations import Foundations
from sam2_session.services.handover.handover import Handover
from sam2_session.services.handover.load import describe_load
from sam2_session.services.imports.importer import Importer
from sam2_session.services.imports.service import ImportService
from sam2_session.services.imports.uploads import ImportUploads
from sam2_session.services.jobs.background import background_queue
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.jobs.journal import JobJournal
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.masks import MaskService
from sam2_session.services.masks.replaced_masks import ReplacedMasks
from sam2_session.services.models.engines import Engines
from sam2_session.services.models.exchange import ModelExchange
from sam2_session.services.models.figures import Figures
from sam2_session.services.models.idle_sweep import IdleSweep
from sam2_session.services.models.service import ModelService
from sam2_session.services.operations.dispatch import Dispatcher
from sam2_session.services.operations.services import Services
from sam2_session.services.prediction.previews import PreviewService
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.prediction.session_seeds import make_seed
from sam2_session.services.projects.instances import InstanceService
from sam2_session.services.projects.project import Project
from sam2_session.services.prompts.actions import ActionHistory
from sam2_session.services.prompts.after_commit import CommitFollower
from sam2_session.services.prompts.keypoints import KeypointService
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.propagation.propagation import PropagationService
from sam2_session.services.propagation.run_start import RunStart
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.propagation.taking_back import TakingBack
from sam2_session.services.rebuilds.service import RebuildService
from sam2_session.services.recovery.database_rebuild import DatabaseRebuild
from sam2_session.services.recovery.file_repair import FileRepair
from sam2_session.services.recovery.recovery import Recovery
from sam2_session.services.region_rules.service import RuleService
from sam2_session.services.repairs.absences import AbsenceService
from sam2_session.services.repairs.cleaning_rules import CleaningRules
from sam2_session.services.repairs.service import RepairService
from sam2_session.services.reports.service import ReportService
from sam2_session.services.reports.video_report import VideoReporter
from sam2_session.services.review.approvals import ApprovalService
from sam2_session.services.review.cells import CellService
from sam2_session.services.review.mask_drops import MaskDrops
from sam2_session.services.run_history.history import RunHistory
from sam2_session.services.suspicion.service import SuspicionService
from sam2_session.services.viewers.people import People
from sam2_session.services.viewers.prefetcher import Prefetcher
from sam2_session.services.viewers.presence import Presence
from sam2_session.services.viewers.snapshot import VideoSnapshot
from sam2_session.settings import Settings
from sam2_session.storage.catalog import last_changed
from sam2_session.storage.leases import LeaseBook

MAX_REPAIRS = 32  # waiting, for all videos together
MAX_REBUILDS = 8  # as many


class SessionServices:
    """All services of one workspace; hosts call `handle`. In a cluster, of the leased videos."""

    def __init__(self, settings: Settings, leases: LeaseBook | None = None) -> None:
        self._settings = settings
        base = self._base = Foundations(settings, leases)
        workspace, self.bus, self._slot = base.workspace, base.bus, base.slot
        self._videos, self._projects, self._trash = base.videos, base.projects, base.trash
        self._track_logs, self._staleness, self._jobs = base.track_logs, base.staleness, base.jobs
        self._idle_sweep = IdleSweep(self._slot, settings.idle_minutes * 60)
        self._prefetcher = Prefetcher(self._slot, neighbours=settings.prefetch_frames)
        self._engines = self._make_engines()
        self._models = self._make_models()
        frame_masks = FrameMasks(self._track_logs, self.bus)
        self._predictions = PredictionService(
            self._projects, self._slot, frame_masks, self.bus, self._models.is_loading
        )
        replaced = ReplacedMasks(settings.replaced_bytes)
        self._recovery = Recovery(self._projects, frame_masks, replaced)
        self._file_repair = FileRepair(
            base.repairs, self._projects, self._recovery, self._predictions
        )
        self._compaction = self._make_compaction()
        self._taking_back = TakingBack(self._staleness, self._predictions, self.bus, replaced)
        self._runs = self._make_runs(replaced)
        self._journal = JobJournal(workspace)
        self._background = background_queue(self._jobs, self._journal.note)
        self._readers = Readers(
            self._videos, frame_masks, self._track_logs, self._staleness, self._predictions.missing
        )
        queue = partial(JobQueue, self._jobs, noted=self._journal.note)
        self._repair_jobs = queue("mask repairs", max_waiting=MAX_REPAIRS)
        self._rebuild_jobs = queue("rebuilds", max_waiting=MAX_REBUILDS)
        self._carry_jobs = queue("keypoints", max_waiting=MAX_REPAIRS, background=True)
        self._exports = ExportService(
            self._projects, self._background, self._readers, self._models, self._trash
        )
        self._follower = CommitFollower(self._predictions, self._slot, self.bus)
        importer = Importer(
            self._projects, frame_masks, self._staleness, self._follower, self._base.class_book
        )
        self._imports = ImportService(self._projects, self._background, importer)
        self._import_uploads = ImportUploads(
            self._projects, self._imports, settings.max_upload_bytes
        )
        self._dispatcher = Dispatcher(self._services(frame_masks, replaced))

    def start(self) -> None:
        """Find the videos, recover after a crash, begin to load the model."""
        self.find_videos()
        self._prefetcher.expect(last_changed(self._base.workspace))  # before recovery
        self._recovery.run(self._recovered)
        self._start_trash()
        self.load_model()
        self.batches.start()

    @property
    def handover(self) -> Handover:
        """Takes over single videos in a cluster, and hands them over."""
        return Handover(
            self._videos, self._projects, self._runs, self._jobs, self._recovery, self._taken_over
        )

    def load(self) -> dict[str, Any]:
        """Return the figures by which a cluster places videos."""
        return describe_load(self._runs, self._projects, self._presence, self._slot)

    def reread(self) -> None:
        """Take in the lists of all videos that another process of a cluster changed."""
        self._base.reread()

    def find_videos(self) -> None:
        """Find the videos; what comes first in every process of a cluster, too."""
        limit_threads(self._settings.torch_threads)
        self._videos.start()

    def load_model(self) -> None:
        """Begin to load the model, and to free memory that is not used."""
        self._models.select(self._settings.model)
        self._idle_sweep.start()
        self._compaction.start()

    def start_home(self, runner: ItemRunner | None = None) -> None:
        """Begin what only one process of a cluster does: the trash, batches, ended jobs.

        `runner` runs the items of batches on every member.
        """
        self._start_trash()
        self.batches.start(runner)

    def _start_trash(self) -> None:
        self._journal.restore(self._jobs, self._is_known, self._projects.is_elsewhere)
        self._trash.start()

    def handle(self, operation: str, params: dict[str, Any]) -> Any:
        """Answer a call by the name of an operation. Raises `SessionError`."""
        try:
            return self._dispatcher.handle(operation, params)
        except FsyncFailed:
            stop_at_once()
            raise
        except DamagedDatabase as error:
            self._projects.note_failure(error.video_id, error)
            raise

    def close(self) -> None:
        """Stop after the tasks under way; everything acknowledged is on disk."""
        self._idle_sweep.close()
        self._compaction.close()
        self.batches.close()
        self._trash.close()
        self._runs.close()
        for queue in (self._background, self._rebuild_jobs, self._carry_jobs, self._repair_jobs):
            queue.close()
        self._import_uploads.close()
        self._file_repair.close()
        self._models.close()
        self._predictions.close()
        self._slot.put(None)
        self._videos.close()
        self._projects.close()

    def _services(self, frame_masks: FrameMasks, replaced: ReplacedMasks) -> Services:
        projects, bus = self._projects, self.bus
        prompts = self._make_prompts(frame_masks)
        masks = MaskService(projects, frame_masks, self._staleness)
        instances = InstanceService(projects, self._base.class_book, bus, self._trash)
        self._presence = presence = Presence(bus, self._settings.max_open_videos)
        repairs = self._make_repairs(frame_masks)
        approvals = ApprovalService(projects, self._staleness, bus)
        self.batches = self._make_batches(prompts, instances, approvals, presence)
        overlays = OverlayService(projects, frame_masks)
        carrying = CarryService(projects, self._carry_jobs, bus)
        region_rules = RuleService(projects, repairs, frame_masks, self._base.rule_book)
        reporter = VideoReporter(projects, frame_masks, self._staleness, overlays, region_rules)
        return Services(
            videos=self._videos,
            trash=self._trash,
            projects=projects,
            regions=self._base.region_book,
            classes=self._base.class_book,
            instances=instances,
            prompts=prompts,
            masks=masks,
            mask_drops=MaskDrops(projects, self._predictions, bus, self._trash),
            approvals=approvals,
            cells=CellService(projects, self._staleness),
            absences=self._make_absences(frame_masks, prompts, repairs),
            repairs=repairs,
            rebuilds=self._make_rebuilds(frame_masks, repairs),
            run_history=RunHistory(projects, repairs, replaced),
            suspicion=SuspicionService(projects),
            region_rules=region_rules,
            cleaning_rules=CleaningRules(projects, frame_masks, bus),
            keypoints=KeypointService(projects, bus, carrying.corrected),
            carrying=carrying,
            jobs=self._jobs,
            journal=self._journal,
            runs=self._runs,
            exports=self._exports,
            mask_streams=MaskStreams(projects, self._readers),
            overlays=overlays,
            id_pictures=IdPictureService(projects, frame_masks),
            reports=ReportService(reporter, lambda: self._models.current),
            imports=self._imports,
            import_uploads=self._import_uploads,
            batches=self.batches,
            models=self._models,
            predictions=self._predictions,
            previews=PreviewService(projects, self._slot, frame_masks, self._predictions),
            compaction=self._compaction,
            rebuild=DatabaseRebuild(projects, self._jobs, self._imports),
            snapshot=VideoSnapshot(projects, self._base.class_book, prompts, masks),
            presence=presence,
            people=People(projects, presence),
            prefetcher=self._prefetcher,
            status=partial(self._status, presence),
            max_upload_bytes=self._settings.max_upload_bytes,
        )

    def _is_known(self, video_id: str) -> bool:
        return self._videos.find(video_id) is not None

    def _make_engines(self) -> Engines:
        return Engines(
            self._settings,
            self._slot,
            partial(make_seed, self._projects, self._track_logs),
            self._videos.frames.path,
            self._prefetcher.on_screen,
        )

    def _make_models(self) -> ModelService:
        return ModelService(
            Registry.load(self._settings.configs_dir),
            CheckpointStore(self._settings.checkpoints_dir),
            self._jobs,
            self._engines.load,
            self._model_exchanged,
        )

    def _make_prompts(self, frame_masks: FrameMasks) -> PromptService:
        actions = ActionHistory(self._projects, self._staleness, self._follower, self._taking_back)
        return PromptService(
            self._projects, frame_masks, self._predictions, self._staleness, actions, self.bus
        )

    def _make_runs(self, replaced: ReplacedMasks) -> RunService:
        start = RunStart(self._slot, self._predictions, replaced)
        propagation = PropagationService(self._projects, self._slot, start, self._staleness)
        lost_frames = self._settings.lost_frames
        return RunService(self._projects, propagation, self._jobs, self.bus, lost_frames, replaced)

    def _make_compaction(self) -> CompactionService:
        bound = TrackLogBound(self._predictions, self._settings.track_log_bytes)
        return CompactionService(self._projects, self._jobs, bound)

    def _make_batches(
        self,
        prompts: PromptService,
        instances: InstanceService,
        approvals: ApprovalService,
        presence: Presence,
    ) -> Batches:
        return Batches(
            BatchNeeds(
                self._projects,
                prompts,
                instances,
                approvals,
                self._runs,
                self._exports,
                self._jobs,
                self._trash,
                self._background,
                presence,
                self._prefetcher,
                self._base.progress,
                self.bus,
            )
        )

    def _make_rebuilds(self, frame_masks: FrameMasks, repairs: RepairService) -> RebuildService:
        beside = partial(self._engines.beside, self._models)
        return RebuildService(self._projects, self._rebuild_jobs, frame_masks, beside, repairs)

    def _make_absences(
        self, frame_masks: FrameMasks, prompts: PromptService, repairs: RepairService
    ) -> AbsenceService:
        return AbsenceService(
            self._projects, frame_masks, prompts, repairs, self._staleness, self._follower
        )

    def _make_repairs(self, frame_masks: FrameMasks) -> RepairService:
        return RepairService(
            self._projects,
            self._repair_jobs,
            frame_masks,
            self._staleness,
            self._predictions,
            self._follower,
        )

    def _recovered(self, project: Project) -> int:
        """List a recovered video's exports and jobs again; return how many jobs go on."""
        self._exports.recover(project)
        self._taking_back.recover(project)
        return self._runs.resume(project)

    def _taken_over(self, project: Project) -> int:
        """Do the same, and predict the masks that the process before did not get to."""
        return self._recovered(project) + self._predictions.catch_up(project)

    def _model_exchanged(self) -> None:
        ModelExchange(
            self._projects, self._predictions, self._staleness, self._prefetcher, self.bus
        ).follow()

    def _status(self, presence: Presence) -> dict[str, Any]:
        videos, projects, models = self._videos, self._projects, self._models
        settings, slot, runs = self._settings, self._slot, self._runs
        figures = Figures(settings, videos, projects, presence, runs, models, slot, self.bus)
        return {**figures.read(), **self._compaction.figures()}


def build_services(settings: Settings) -> SessionServices:
    """Make and start the services of the session process."""
    services = SessionServices(settings)
    services.start()
    return services
