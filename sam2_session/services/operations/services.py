"""The services that operations call, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sam2_session.services.batches.batches import Batches
    from sam2_session.services.carrying.service import CarryService
    from sam2_session.services.compaction.service import CompactionService
    from sam2_session.services.exports.id_pictures import IdPictureService
    from sam2_session.services.exports.overlays import OverlayService
    from sam2_session.services.exports.service import ExportService
    from sam2_session.services.exports.streams import MaskStreams
    from sam2_session.services.imports.service import ImportService
    from sam2_session.services.imports.uploads import ImportUploads
    from sam2_session.services.jobs.journal import JobJournal
    from sam2_session.services.jobs.registry import JobRegistry
    from sam2_session.services.masks.masks import MaskService
    from sam2_session.services.models.service import ModelService
    from sam2_session.services.prediction.previews import PreviewService
    from sam2_session.services.prediction.service import PredictionService
    from sam2_session.services.projects.class_book import ClassBook
    from sam2_session.services.projects.instances import InstanceService
    from sam2_session.services.projects.projects import Projects
    from sam2_session.services.projects.region_book import RegionBook
    from sam2_session.services.prompts.keypoints import KeypointService
    from sam2_session.services.prompts.prompts import PromptService
    from sam2_session.services.propagation.runs import RunService
    from sam2_session.services.rebuilds.service import RebuildService
    from sam2_session.services.recovery.database_rebuild import DatabaseRebuild
    from sam2_session.services.region_rules.service import RuleService
    from sam2_session.services.repairs.absences import AbsenceService
    from sam2_session.services.repairs.cleaning_rules import CleaningRules
    from sam2_session.services.repairs.service import RepairService
    from sam2_session.services.reports.service import ReportService
    from sam2_session.services.review.approvals import ApprovalService
    from sam2_session.services.review.cells import CellService
    from sam2_session.services.review.mask_drops import MaskDrops
    from sam2_session.services.run_history.history import RunHistory
    from sam2_session.services.suspicion.service import SuspicionService
    from sam2_session.services.trash.trash import Trash
    from sam2_session.services.videos.service import VideoService
    from sam2_session.services.viewers.people import People
    from sam2_session.services.viewers.prefetcher import Prefetcher
    from sam2_session.services.viewers.presence import Presence
    from sam2_session.services.viewers.snapshot import VideoSnapshot


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an operation may use; made once, in services/build.py."""

    videos: VideoService
    trash: Trash
    projects: Projects
    regions: RegionBook
    classes: ClassBook
    instances: InstanceService
    prompts: PromptService
    masks: MaskService
    mask_drops: MaskDrops
    approvals: ApprovalService
    cells: CellService
    absences: AbsenceService
    repairs: RepairService
    rebuilds: RebuildService
    run_history: RunHistory
    suspicion: SuspicionService
    region_rules: RuleService
    cleaning_rules: CleaningRules
    keypoints: KeypointService
    carrying: CarryService
    runs: RunService
    jobs: JobRegistry
    journal: JobJournal
    exports: ExportService
    overlays: OverlayService
    id_pictures: IdPictureService
    reports: ReportService
    mask_streams: MaskStreams
    imports: ImportService
    import_uploads: ImportUploads
    batches: Batches
    models: ModelService
    predictions: PredictionService
    previews: PreviewService
    compaction: CompactionService
    rebuild: DatabaseRebuild
    snapshot: VideoSnapshot
    presence: Presence
    people: People
    prefetcher: Prefetcher
    status: Callable[[], dict[str, Any]]
    max_upload_bytes: int
