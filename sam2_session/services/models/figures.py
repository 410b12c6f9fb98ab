"""Figures of the session process, for /metrics."""

from __future__ import annotations

from dataclasses import dataclass
from shutil import disk_usage
from typing import Any

from sam2_session.core.events import EventBus
from sam2_session.inference.slot import EngineSlot
from sam2_session.loops import LOOPS
from sam2_session.services.models.service import ModelService
from sam2_session.services.projects.projects import Projects
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.videos.service import VideoService
from sam2_session.services.viewers.presence import Presence
from sam2_session.settings import Settings


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that has figures."""

    settings: Settings
    videos: VideoService
    projects: Projects
    presence: Presence
    runs: RunService
    models: ModelService
    slot: EngineSlot
    bus: EventBus

    def read(self) -> dict[str, Any]:
        """Describe the process as it is now."""
        engine = self.slot.peek()
        return {
            "videos": len(self.videos.list()),
            "open_videos": len(self.projects.opened()),
            "viewed_videos": self.presence.count_videos(),
            "viewed_videos_limit": self.settings.max_open_videos,
            "free_bytes": disk_usage(self.settings.outputs_dir).free,
            "free_bytes_limit": self.settings.min_free_bytes,
            "jobs": self.runs.running(),
            "sessions": engine.live_sessions() if engine else 0,
            "loop_errors": LOOPS.errors(),
            "listener_errors": self.bus.errors,
            "waiting": engine.scheduler.waiting() if engine else 0,
            "feature_bytes": engine.features.nbytes if engine else 0,
            "model": self.models.current,
        }
