"""Requests for a frame's mask: queued, predicted on the device, delivered; later without a model.

A request's way: `_request` → `RequestQueue` → (device thread) `FramePredictor` → `MaskDelivery`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sam2_session.core.errors import EngineClosed, ModelUnavailable
from sam2_session.core.events import EventBus
from sam2_session.core.frame_state import FrameState
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.slot import EngineSlot
from sam2_session.runtime import Future
from sam2_session.services.masks.frame_mask import FrameMask, PairFrame
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.prediction.client_replies import ClientReplies
from sam2_session.services.prediction.mask_delivery import MaskDelivery
from sam2_session.services.prediction.predictor import FramePrediction, FramePredictor
from sam2_session.services.prediction.queue_watch import QueueWatch
from sam2_session.services.prediction.request_queue import MaskRequest, RequestQueue
from sam2_session.services.projects.commands import Command
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.frame_rows import FrameRow, prompted_frames, read_frame
from sam2_session.storage.mask_rows import read_mask

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine


class PredictionService:
    """Keeps the mask of every prompted frame equal to what its state asks for."""

    def __init__(
        self,
        projects: Projects,
        slot: EngineSlot,
        masks: FrameMasks,
        bus: EventBus,
        is_model_coming: Callable[[], bool],
    ) -> None:
        self._projects = projects
        self._slot = slot
        self._is_model_coming = is_model_coming
        self._replies = ClientReplies(bus)
        self._predictor = FramePredictor(projects)
        self._delivery = MaskDelivery(projects, self._predictor, masks, self._replies, bus)
        projects.before_reading(self._delivery.finish)
        self._queue = RequestQueue(slot, self._predict, self._predicted)
        self._queue_watch = QueueWatch(self._queue, slot, self._replies)
        self._without_model: dict[PairFrame, list[Command]] = {}  # replied to once there is one
        self._catching_up: set[tuple[PairFrame, int]] = set()  # frames with their revisions

    def request(
        self,
        key: SessionKey,
        frame_idx: int,
        command: Command | None,
        priority: Priority = Priority.CLICK,
    ) -> Future[FrameMask | None]:
        """Predict the frame's newest state; None if a newer request delivers instead.

        Requests that wait for the same frame become one. The future raises `ModelUnavailable`
        while no model is loaded; the prompts are safe, and `catch_up` predicts them once there is
        one.
        """
        return self._request(PairFrame(key, frame_idx), [command] if command else [], priority)

    def settle_unprompted(
        self, key: SessionKey, row: FrameRow, command: Command | None
    ) -> Future[FrameMask | None]:
        """Put back the mask from before the frame's prompts."""
        self.forget(key, row.frame_idx)
        commands = [command] if command else []
        return self._delivery.settle(PairFrame(key, row.frame_idx), row, commands)

    def send_again(self, key: SessionKey, frame_idx: int, command: Command | None) -> None:
        """Send the mask of a repeated command: the first one may have been lost on the way."""
        if self._slot.peek() is None:
            return
        row = self._projects.get(key.video_id).db.read(lambda tx: read_frame(tx, key, frame_idx))
        if row is not None and row.state.is_prompted:
            self.request(key, frame_idx, command)

    def forget(self, key: SessionKey, frame_idx: int) -> None:
        """Drop a frame's prompted output from the live session: it has no prompts any more."""
        project = self._projects.get(key.video_id)

        def drop(engine: Engine) -> None:
            row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
            if row is None or not row.state.is_prompted:  # another client's may be served first
                engine.session(key).set_prompted(frame_idx, None)

        self._slot.submit(Priority.CLICK, drop)

    def forget_pair(self, key: SessionKey, meanwhile: Callable[[], None]) -> None:
        """Close a pair's live session, then call `meanwhile`; the next use builds it anew."""

        def drop(engine: Engine) -> None:
            engine.drop_session(key)
            meanwhile()

        while (dropped := self._slot.submit(Priority.CLICK, drop)) is not None:
            with suppress(EngineClosed):  # exchanged before its turn came
                return dropped.result()
        return meanwhile()  # no model is loaded

    def predictions_of(
        self, engine: Engine, key: SessionKey, rows: list[FrameRow]
    ) -> dict[int, Prediction]:
        """Predict prompted frames, by frame_idx; in the device thread."""
        return self._predictor.predict_rows(engine, key, rows)

    def try_state(self, engine: Engine, frame: PairFrame, state: FrameState) -> Prediction:
        """Predict a state that is not stored, and keep nothing of it; in the device thread."""
        return self._predictor.try_state(engine, frame, state)

    def catch_up(self, project: Project) -> int:
        """Request every prompted frame whose mask a crash, or a missing model, left behind."""
        behind = [
            (PairFrame(key, row.frame_idx), row.rev)
            for key in project.pairs()
            for row in project.db.read(partial(prompted_frames, key=key))
            if _is_behind(project, key, row)
        ]
        for frame, rev in behind:
            self._catch_up(frame, rev)
        return len(behind)

    def missing(self, project: Project, keys: Collection[SessionKey]) -> int:
        """Count the prompted frames of these pairs whose masks are not there yet."""
        return sum(
            _is_behind(project, key, row)
            for key in keys
            for row in project.db.read(partial(prompted_frames, key=key))
        )

    def is_drawing(self, video_id: str) -> bool:
        """Tell if masks of the video are being caught up with, or a model for it is loading."""
        behind = list(self._catching_up)
        return self._is_model_coming() or any(at.key.video_id == video_id for at, _ in behind)

    def close(self) -> None:
        """Finish the masks under way; those that still wait follow at the next start."""
        self._queue.cancel_waiting()
        for request in self._queue.unfinished():
            request.mask.exception()
        self._queue_watch.close()
        self._delivery.close()

    def _catch_up(self, frame: PairFrame, rev: int) -> None:
        commands = self._without_model.pop(frame, [])
        if not commands and (frame, rev) in self._catching_up:
            return
        self._catching_up.add((frame, rev))
        priority = Priority.CLICK if commands else Priority.BATCH
        mask = self._request(frame, commands, priority)
        mask.add_done_callback(lambda _: self._catching_up.discard((frame, rev)))

    def _request(
        self, frame: PairFrame, commands: Sequence[Command], priority: Priority
    ) -> Future[FrameMask | None]:
        request = self._queue.add(frame, commands, priority)
        self._queue_watch.wake()
        if request.device is None:
            self._defer(request)
        return request.mask

    def _predict(self, engine: Engine, request: MaskRequest) -> FramePrediction | None:
        """Compute in the device thread."""
        return self._predictor.predict_newest(engine, request.frame, request.requested_at)

    def _predicted(self, request: MaskRequest, device: Future[FramePrediction | None]) -> None:
        """Hand what the device thread is done with to another thread; called with locks held."""
        if device.cancelled():
            return  # submitted again, more urgently
        if isinstance(device.exception(), EngineClosed):
            self._delivery.run(partial(self._submit_again, request))
        else:
            self._delivery.deliver(request, device)

    def _submit_again(self, request: MaskRequest) -> None:
        """Let the model that took over serve a request."""
        self._queue.submit_again(request)
        if request.device is None:
            self._defer(request)

    def _defer(self, request: MaskRequest) -> None:
        """End a request that no model can answer; its commands wait if a model is on its way."""
        error = _no_model()
        if not request.commands or not self._is_model_coming():
            self._delivery.fail(request, error)
            return
        self._without_model.setdefault(request.frame, []).extend(request.commands)
        request.mask.set_exception(error)
        if self._slot.peek() is not None:  # loaded at this moment: it may have caught up before
            commands = self._without_model.pop(request.frame, [])
            self._request(request.frame, commands, request.priority)


def _is_behind(project: Project, key: SessionKey, row: FrameRow) -> bool:
    mask = project.db.read(lambda tx: read_mask(tx, key, row.frame_idx))
    path = project.workspace.mask_path(key, row.frame_idx)
    return mask is None or mask.rev != row.rev or not path.exists()


def _no_model() -> ModelUnavailable:
    return ModelUnavailable(
        "There is no model to answer; what you did is saved.",
        hint="The mask follows once a model is loaded; the server's --model chooses it.",
    )
