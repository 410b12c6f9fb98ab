"""Who asks for the mask of a frame: predicted when the device is free, later without a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from sam2_session.core.errors import EngineClosed, ModelUnavailable
from sam2_session.core.events import EventBus
from sam2_session.core.png import encode_bits
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.formats.images.mask_images import decode_mask
from sam2_session.inference.engine import Engine, EngineSlot
from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Future
from sam2_session.services.masks.frame_masks import FrameMasks, Settled
from sam2_session.services.prediction.answers import Answers, MaskAnswer, Place, answered
from sam2_session.services.prediction.asks import Ask, Asks
from sam2_session.services.prediction.mask_delivery import MaskDelivery
from sam2_session.services.prediction.predicting import Computed, FramePredictor
from sam2_session.services.prediction.queue_watch import QueueWatch
from sam2_session.services.projects.commands import Command
from sam2_session.services.projects.project import Project, Projects
from sam2_session.storage.frame_rows import FrameRow, prompted_frames, read_frame
from sam2_session.storage.mask_rows import read_mask

T = TypeVar("T")


class PredictionService:
    """Keeps the mask of every prompted frame equal to what its state asks for."""

    def __init__(
        self, projects: Projects, slot: EngineSlot, masks: FrameMasks, bus: EventBus
    ) -> None:
        self._projects = projects
        self._slot = slot
        self._answers = Answers(bus)
        self._predictor = FramePredictor(projects)
        self._delivery = MaskDelivery(projects, self._predictor, masks, self._answers)
        self.is_loading: Callable[[], bool] = lambda: False  # set later, by who loads models
        self._asks = Asks()
        self._queue_watch = QueueWatch(self._asks, slot, self._answers)
        self._waiting: dict[Place, list[Command]] = {}  # answered once a model is there
        self._catching_up: set[tuple[SessionKey, int, int]] = set()  # key, frame, rev

    def request(
        self,
        key: SessionKey,
        frame_idx: int,
        command: Command | None,
        priority: Priority = Priority.CLICK,
    ) -> Future[MaskAnswer | None]:
        """Predict the frame's newest state; None if a newer request answers instead.

        Requests that wait for the same frame become one. The future raises `ModelUnavailable`
        while no model is loaded; the prompts are safe, and `catch_up` predicts them once there is
        one.
        """
        return self._request((key, frame_idx), [command] if command else [], priority)

    def answer_settled(
        self, key: SessionKey, row: FrameRow, settled: Settled, command: Command | None
    ) -> Future[MaskAnswer | None]:
        """Tell the one who acted that the frame has no prompts now, and what mask it has."""
        png = None
        if settled.png is not None:
            size_hw = self._projects.get(key.video_id).size_hw
            png = encode_bits(decode_mask(settled.png, size_hw))
        answer = MaskAnswer(row.rev, settled.mask, png)
        self._answers.drawn((key, row.frame_idx), answer, [command] if command else [], {})
        return answered(answer)

    def answer_again(self, key: SessionKey, frame_idx: int, command: Command | None) -> None:
        """A command came twice: its mask may have been lost on the way, so it is sent again."""
        if self._slot.peek() is None:
            return
        row = self._projects.get(key.video_id).db.read(lambda tx: read_frame(tx, key, frame_idx))
        if row is not None and row.state.is_prompted:
            self.request(key, frame_idx, command)

    def forget(self, key: SessionKey, frame_idx: int) -> None:
        """The frame has no prompts any more: the live session drops its output."""
        project = self._projects.get(key.video_id)

        def drop(engine: Engine) -> None:
            row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
            if row is None or not row.state.is_prompted:  # it has some again: others go in turns
                engine.session(key).set_prompted(frame_idx, None)

        self._submit(Priority.CLICK, drop)

    def forget_video(self, video_id: str) -> None:
        """Its frames are gone; others may come under the same name."""
        dropped = self._submit(Priority.CLICK, lambda engine: engine.drop_video(video_id))
        if dropped:
            with suppress(EngineClosed):  # then it remembers nothing
                dropped.result()

    def forget_pair(self, key: SessionKey, meanwhile: Callable[[], None]) -> None:
        """End the live session of a pair; the next one is built from what `meanwhile` leaves."""

        def drop(engine: Engine) -> None:
            engine.drop_session(key)
            meanwhile()

        while (dropped := self._submit(Priority.CLICK, drop)) is not None:
            with suppress(EngineClosed):  # exchanged before its turn came
                return dropped.result()
        return meanwhile()  # no model is loaded

    def predictions_of(
        self, engine: Engine, key: SessionKey, rows: list[FrameRow]
    ) -> dict[int, Prediction]:
        """In the device thread: the prediction of each prompted frame, made where it is missing."""
        return self._predictor.of_rows(engine, key, rows)

    def catch_up(self, project: Project) -> int:
        """Predict every prompted frame whose mask a crash, or a missing model, left behind."""
        behind = [
            (key, row.frame_idx, row.rev)
            for key in project.pairs()
            for row in project.db.read(partial(prompted_frames, key=key))
            if _is_behind(project, key, row)
        ]
        for one in behind:
            self._catch_up(*one)
        return len(behind)

    def _catch_up(self, key: SessionKey, frame_idx: int, rev: int) -> None:
        commands = self._waiting.pop((key, frame_idx), [])
        work = (key, frame_idx, rev)
        if not commands and work in self._catching_up:
            return
        self._catching_up.add(work)
        priority = Priority.CLICK if commands else Priority.BATCH
        answer = self._request((key, frame_idx), commands, priority)
        answer.add_done_callback(lambda _: self._catching_up.discard(work))

    def close(self) -> None:
        """Finish the masks under way; those that still wait follow at the next start."""
        self._asks.give_up()
        for ask in self._asks.unanswered():
            ask.answer.exception()
        self._queue_watch.close()
        self._delivery.close()

    def _request(
        self, place: Place, commands: Sequence[Command], priority: Priority
    ) -> Future[MaskAnswer | None]:
        ask = self._asks.join(place, commands, priority, self._ask_device)
        self._queue_watch.asked()
        if ask.device is None:
            self._without_model(ask)
        return ask.answer

    def _ask_device(self, ask: Ask) -> Future[Computed | None] | None:
        device = self._submit(ask.priority, partial(self._compute, ask=ask), ask.owner)
        if device is not None:
            device.add_done_callback(partial(self._computed, ask))
        return device

    def _submit(
        self, priority: Priority, task: Callable[[Engine], T], owner: str | None = None
    ) -> Future[T] | None:
        """Ask the engine in use; None while there is none."""
        while (engine := self._slot.peek()) is not None:
            with suppress(EngineClosed):  # exchanged at this moment: there is another now, or none
                return engine.submit(priority, partial(task, engine), owner=owner)
        return None

    def _compute(self, engine: Engine, ask: Ask) -> Computed | None:
        self._asks.begin(ask)
        return self._predictor.newest(engine, ask.place, ask.asked_at)

    def _computed(self, ask: Ask, device: Future[Computed | None]) -> None:
        if device.cancelled():
            return  # it was asked for again, more urgently
        if isinstance(device.exception(), EngineClosed):
            self._delivery.aside(partial(self._ask_again, ask))
        else:
            self._delivery.deliver(ask, device)

    def _ask_again(self, ask: Ask) -> None:
        """The next engine answers."""
        self._asks.again(ask, self._ask_device)
        if ask.device is None:
            self._without_model(ask)

    def _without_model(self, ask: Ask) -> None:
        error = _no_model()
        if ask.commands and self.is_loading():
            self._waiting.setdefault(ask.place, []).extend(ask.commands)
            ask.answer.set_exception(error)
            if self._slot.peek() is not None:  # loaded at this moment: it may have caught up before
                self._request(ask.place, self._waiting.pop(ask.place, []), ask.priority)
        else:
            self._delivery.fail(ask, error)


def _is_behind(project: Project, key: SessionKey, row: FrameRow) -> bool:
    mask = project.db.read(lambda tx: read_mask(tx, key, row.frame_idx))
    path = project.workspace.mask_path(key, row.frame_idx)
    return mask is None or mask.rev != row.rev or not path.exists()


def _no_model() -> ModelUnavailable:
    return ModelUnavailable(
        "There is no model to answer; what you did is saved.",
        hint="The mask follows once a model is loaded; the server's --model chooses it.",
    )
