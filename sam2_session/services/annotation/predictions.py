"""From a frame's state to its mask: predicted in the device thread, sent, then made durable."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sam2_session.core.errors import (
    EngineClosed,
    FsyncFailed,
    ModelUnavailable,
    SessionError,
    StorageFailed,
)
from sam2_session.core.events import EventBus
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.formats.mask_images import decode_mask
from sam2_session.inference.engine import Engine, EngineSlot
from sam2_session.inference.masks import to_mask
from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Future, ThreadPool, monotonic, stop_at_once
from sam2_session.services.annotation.answers import Answers, MaskAnswer, Place, answered
from sam2_session.services.annotation.asks import Ask, Asks
from sam2_session.services.annotation.commands import Command
from sam2_session.services.annotation.frame_masks import FrameMasks, Settled
from sam2_session.services.annotation.project import Project, Projects
from sam2_session.services.annotation.queue_watch import QueueWatch
from sam2_session.services.annotation.replay import replay
from sam2_session.services.annotation.unstored import Unstored
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    FrameRow,
    conditioned_frames,
    prompted_frames,
    read_frame,
    save_prediction,
)
from sam2_session.storage.mask_rows import MaskRow, read_mask

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Computed:
    """What came out of the device thread for the newest state of a frame.

    `fresh` are the predictions of this frame that are not on disk, by digest.
    """

    row: FrameRow
    prediction: Prediction
    fresh: dict[str, Prediction]
    signature: str
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A mask that was sent, and is to be saved."""

    computed: _Computed
    answer: MaskAnswer
    mask: MaskRow
    mask_hw: BoolMask


class PredictionService:
    """Keeps the mask of every prompted frame equal to what its state asks for."""

    def __init__(
        self, projects: Projects, slot: EngineSlot, masks: FrameMasks, bus: EventBus
    ) -> None:
        self._projects = projects
        self._slot = slot
        self._masks = masks
        self._answers = Answers(bus)
        self._drawing = ThreadPool(2, thread_name_prefix="draw")
        self._saving = ThreadPool(2, thread_name_prefix="save")
        self.is_loading: Callable[[], bool] = lambda: False  # set later, by who loads models
        self._asks = Asks()
        self._queue_watch = QueueWatch(self._asks, slot, self._answers)
        self._unstored = Unstored()
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
        """The prediction of each prompted frame, predicting what is missing. In the device thread.

        What was missing is stored, so that a rebuilt session finds it.
        """
        project = self._projects.get(key.video_id)
        found = {}
        for row in rows:
            computed = self._replay(engine, key, row)
            found[row.frame_idx] = computed.prediction
            if computed.fresh:
                project.db.write(partial(_store, key=key, computed=computed))
                self._is_stored(key, computed)
        return found

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
        self._drawing.shutdown()
        self._saving.shutdown()

    def _request(
        self, place: Place, commands: Sequence[Command], priority: Priority
    ) -> Future[MaskAnswer | None]:
        ask = self._asks.join(place, commands, priority, self._ask_device)
        self._queue_watch.asked()
        if ask.device is None:
            self._without_model(ask)
        return ask.answer

    def _ask_device(self, ask: Ask) -> Future[_Computed | None] | None:
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

    def _compute(self, engine: Engine, ask: Ask) -> _Computed | None:
        self._asks.begin(ask)
        started = monotonic()
        key, frame_idx = ask.place
        project = self._projects.get(key.video_id)
        row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
        if row is None or not row.state.is_prompted:
            return None
        engine.features.get(key.video_id, frame_idx)
        encoded = monotonic()
        computed = self._replay(engine, key, row)
        session = engine.session(key)
        session.set_prompted(frame_idx, computed.prediction)
        if (frame_idx, row.state.digest) in project.db.read(partial(conditioned_frames, key=key)):
            session.restore(frame_idx)
        computed.timings = {
            "queue_s": started - ask.asked_at,
            "encode_s": encoded - started,
            "decode_s": monotonic() - encoded,
        }
        return computed

    def _replay(self, engine: Engine, key: SessionKey, row: FrameRow) -> _Computed:
        project, signature = self._projects.get(key.video_id), engine.network.signature
        place = (key, row.frame_idx, signature)
        find = partial(self._unstored.find, place)
        replayed = replay(project, engine.session(key), row, signature, find)
        fresh = self._unstored.add(place, replayed.fresh)
        return _Computed(row, replayed.prediction, fresh, signature)

    def _is_stored(self, key: SessionKey, computed: _Computed) -> None:
        place = (key, computed.row.frame_idx, computed.signature)
        self._unstored.stored(place, computed.fresh)

    def _computed(self, ask: Ask, device: Future[_Computed | None]) -> None:
        """The device is done with it; what is left is no work for its thread."""
        if device.cancelled():
            return  # it was asked for again, more urgently
        if isinstance(device.exception(), EngineClosed):
            self._drawing.submit(self._ask_again, ask)
        else:
            drawing = self._drawing.submit(self._draw, ask, device)
            drawing.add_done_callback(partial(self._drawn, ask))

    def _ask_again(self, ask: Ask) -> None:
        """The next engine answers."""
        self._asks.again(ask, self._ask_device)
        if ask.device is None:
            self._without_model(ask)

    def _draw(self, ask: Ask, device: Future[_Computed | None]) -> _Drawn | None:
        """The mask on its way to the screen."""
        if (computed := device.result()) is None:
            self._answers.superseded(ask.place, None, ask.commands)
            return None
        started = monotonic()
        row, score = computed.row, computed.prediction.score
        project = self._projects.get(ask.place[0].video_id)
        mask_hw = self._masks.painted(
            project, row.state
        )  # the model's own is as coarse as its grid
        if mask_hw is None:
            mask_hw = to_mask(computed.prediction, project.size_hw)
        facts = mask_facts(mask_hw)
        mask = MaskRow(row.frame_idx, row.rev, MaskSource.HUMAN, facts, None, score)
        answer = MaskAnswer(row.rev, mask, encode_bits(mask_hw))
        computed.timings["png_s"] = monotonic() - started
        self._answers.drawn(ask.place, answer, ask.commands, computed.timings)
        return _Drawn(computed, answer, mask, mask_hw)

    def _drawn(self, ask: Ask, drawing: Future[_Drawn | None]) -> None:
        """Saved by other threads: a slow disk delays no mask on screen."""
        error = drawing.exception()
        if error is not None:
            self._fail(ask, error)
        elif (drawn := drawing.result()) is None:
            ask.answer.set_result(None)
        else:
            saving = self._saving.submit(self._save, ask.place[0], drawn)
            saving.add_done_callback(partial(self._saved, ask))

    def _save(self, key: SessionKey, drawn: _Drawn) -> MaskAnswer | None:
        computed, row = drawn.computed, drawn.computed.row
        project = self._projects.get(key.video_id)
        with project.lock:
            newest = project.db.read(lambda tx: read_frame(tx, key, row.frame_idx))
            if newest is None or newest.rev != row.rev:
                return None  # the request of the newer state writes the file
            store = partial(_store, key=key, computed=computed)
            self._masks.save(project, key, drawn.mask, encode_gray8(drawn.mask_hw), store)
        self._is_stored(key, computed)
        return drawn.answer

    def _saved(self, ask: Ask, saving: Future[MaskAnswer | None]) -> None:
        error = saving.exception()
        if error is not None:
            self._fail(ask, error)
        else:
            ask.answer.set_result(saving.result())

    def _fail(self, ask: Ask, error: BaseException) -> None:
        self._tell_failure(ask, error)
        ask.answer.set_exception(error)

    def _without_model(self, ask: Ask) -> None:
        error = _no_model()
        if ask.commands and self.is_loading():
            self._waiting.setdefault(ask.place, []).extend(ask.commands)
            ask.answer.set_exception(error)
            if self._slot.peek() is not None:  # loaded at this moment: it may have caught up before
                self._request(ask.place, self._waiting.pop(ask.place, []), ask.priority)
        else:
            self._fail(ask, error)

    def _tell_failure(self, ask: Ask, error: BaseException) -> None:
        if isinstance(error, FsyncFailed):
            stop_at_once()
        key = ask.place[0]
        known = isinstance(error, SessionError)
        log.warning("%s: no mask: %s", key, error, exc_info=None if known else error)
        if isinstance(error, StorageFailed) and (project := self._projects.peek(key.video_id)):
            project.fell_behind(error)
        self._answers.failed(ask.place, error, ask.commands)


def _is_behind(project: Project, key: SessionKey, row: FrameRow) -> bool:
    mask = project.db.read(lambda tx: read_mask(tx, key, row.frame_idx))
    path = project.workspace.mask_path(key, row.frame_idx)
    return mask is None or mask.rev != row.rev or not path.exists()


def _store(tx: Transaction, key: SessionKey, computed: _Computed) -> None:
    for digest, prediction in computed.fresh.items():
        save_prediction(
            tx, key, computed.row.frame_idx, digest, computed.signature, prediction.pack()
        )


def _no_model() -> ModelUnavailable:
    return ModelUnavailable(
        "There is no model to answer; what you did is saved.",
        hint="The mask follows once a model is loaded; the server's --model chooses it.",
    )
