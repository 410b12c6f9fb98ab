"""Brings open videos up to another model that has just been loaded."""

from __future__ import annotations

import logging

from sam2_session.core.errors import SessionError
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.projects import Projects
from sam2_session.services.viewers.prefetcher import Prefetcher

log = logging.getLogger(__name__)


class ModelExchange:
    """Predicts what waited for a model; announces that masks of the one before are stale."""

    def __init__(
        self,
        projects: Projects,
        predictions: PredictionService,
        staleness: Staleness,
        prefetcher: Prefetcher,
        bus: EventBus,
    ) -> None:
        self._projects = projects
        self._predictions = predictions
        self._staleness = staleness
        self._prefetcher = prefetcher
        self._bus = bus

    def follow(self) -> None:
        """Do that for every open video; one that fails keeps the model from no other."""
        for project in self._projects.opened():
            try:
                self._predictions.catch_up(project)
                if self._staleness.has_stale(project):
                    data = {"video_id": project.video_id}
                    self._bus.publish(Event(EventName.RESYNC, data, video_id=project.video_id))
            except SessionError as error:
                log.error("%s does not follow the new model: %s", project.video_id, error)
                self._projects.note_failure(project.video_id, error)
        self._prefetcher.start_over()
