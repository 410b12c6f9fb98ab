"""The services by name, for those that need many of them."""

from __future__ import annotations

from dataclasses import dataclass

from sam2_session.services.exports.service import ExportService
from sam2_session.services.imports.service import ImportService
from sam2_session.services.jobs.side_jobs import SideJobs
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.masks import MaskService
from sam2_session.services.models import ModelService
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.instances import InstanceService
from sam2_session.services.projects.project import Projects
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.prompts.keypoints import KeypointService
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.propagation.jobs import JobService
from sam2_session.services.review.approvals import ApprovalService
from sam2_session.services.review.mask_drops import MaskDrops
from sam2_session.services.videos.service import VideoService
from sam2_session.services.viewers.prefetcher import Prefetcher
from sam2_session.services.viewers.presence import Presence


@dataclass(frozen=True, slots=True)
class Parts:
    """Made once, in services/build.py."""

    videos: VideoService
    projects: Projects
    regions: RegionBook
    instances: InstanceService
    prompts: PromptService
    frame_masks: FrameMasks
    masks: MaskService
    mask_drops: MaskDrops
    approvals: ApprovalService
    keypoints: KeypointService
    jobs: JobService
    side_jobs: SideJobs
    exports: ExportService
    imports: ImportService
    models: ModelService
    predictions: PredictionService
    presence: Presence
    prefetcher: Prefetcher
