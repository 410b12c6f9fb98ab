"""The services by name, for those that need many of them."""

from __future__ import annotations

from dataclasses import dataclass

from sam2_session.services.exports.service import ExportService
from sam2_session.services.imports.service import ImportService
from sam2_session.services.imports.uploads import ImportUploads
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.masks import MaskService
from sam2_session.services.models.service import ModelService
from sam2_session.services.prediction.predictions import PredictionService
from sam2_session.services.projects.instances import InstanceService
from sam2_session.services.projects.project import Projects
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.prompts.keypoints import KeypointService
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.review.approvals import ApprovalService
from sam2_session.services.review.mask_drops import MaskDrops
from sam2_session.services.videos.service import VideoService
from sam2_session.services.viewers.looking import Looking
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
    jobs: JobRegistry
    runs: RunService
    exports: ExportService
    imports: ImportService
    import_uploads: ImportUploads
    models: ModelService
    predictions: PredictionService
    presence: Presence
    looking: Looking
