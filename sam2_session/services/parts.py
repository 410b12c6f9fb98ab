"""The services by name, for those that need many of them."""

from __future__ import annotations

from dataclasses import dataclass

from sam2_session.services.frame_masks import FrameMasks
from sam2_session.services.instances import InstanceService
from sam2_session.services.jobs import JobService
from sam2_session.services.keypoints import KeypointService
from sam2_session.services.masks import MaskService
from sam2_session.services.models import ModelService
from sam2_session.services.predictions import PredictionService
from sam2_session.services.presence import Presence
from sam2_session.services.project import Projects
from sam2_session.services.prompts import PromptService
from sam2_session.services.videos import VideoService


@dataclass(frozen=True, slots=True)
class Parts:
    """Made once, in services/build.py."""

    videos: VideoService
    projects: Projects
    instances: InstanceService
    prompts: PromptService
    frame_masks: FrameMasks
    masks: MaskService
    keypoints: KeypointService
    jobs: JobService
    models: ModelService
    predictions: PredictionService
    presence: Presence
