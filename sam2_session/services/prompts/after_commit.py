"""Brings files, live sessions and clients up to changes of many frames that were committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.inference.slot import EngineSlot
from sam2_session.services.masks.mask_files import settle
from sam2_session.services.prediction.service import PredictionService
from sam2_session.services.projects.project import Project
from sam2_session.services.prompts.frame_batch import Written
from sam2_session.storage.frame_rows import FrameRow
from sam2_session.storage.instance_rows import deleted_instances


class CommitFollower:
    """Does what follows the transaction that changed many frames."""

    def __init__(self, predictions: PredictionService, slot: EngineSlot, bus: EventBus) -> None:
        self.predictions = predictions
        self._slot = slot
        self._bus = bus

    def follow(
        self,
        project: Project,
        written: Written,
        settled: Callable[[Sequence[FrameRow]], None] = lambda _: None,
    ) -> None:
        """Write masks and JSON, predict prompted frames, and have clients open the video again.

        `settled` is called with each batch of frames whose masks are written.
        """
        for key, frame_idx in written.unprompted:
            self.predictions.forget(key, frame_idx)
        for key, rows in written.rows.items():
            settle(project, key, [row for row in rows if not row.state.is_prompted], settled)
        with project.lock:
            deleted = set(project.db.read(deleted_instances))
            renewed = [key for key in project.pairs() if key.instance_id in written.classified]
            for key in {*written.rows, *renewed}:
                if key.instance_id not in deleted:
                    project.write_points(key)
            for instance_id in {*written.keypoints_of, *written.classified} - deleted:
                project.write_keypoints(instance_id)
            for instance_id in deleted:
                project.files.hide_folder(instance_id)
        project.write_files()
        if self._slot.peek() is not None:
            self.predictions.catch_up(project)
        data = {"video_id": project.video_id}
        self._bus.publish(Event(EventName.RESYNC, data, video_id=project.video_id))
