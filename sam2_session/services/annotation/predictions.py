"""From a frame's state to its mask: predicted in the device thread, sent, then made durable."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sam2_session.core.errors import (
    EngineClosed,
    FsyncFailed,
    ModelUnavailable,
    SessionError,
    StorageFailed,
    error_fields,
)
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.formats.mask_images import decode_mask
from sam2_session.inference.engine import Engine, EngineSlot
from sam2_session.inference.masks import to_mask
from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Future, ThreadPool, monotonic, stop_at_once
from sam2_session.services.annotation.commands import Command
from sam2_session.services.annotation.frame_masks import FrameMasks, Settled
from sam2_session.services.annotation.project import Project, Projects
from sam2_session.services.annotation.replay import Replayed, replay
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


@dataclass(frozen=True, slots=True)
class MaskAnswer:
    """The mask a change led to: facts for the wire and the 1-bit PNG; no PNG: no mask now."""

    rev: int
    mask: MaskRow | None
    png: bytes | None


@dataclass(slots=True)
class _Computed:
    """What came out of the device thread for the newest state of a frame."""

    row: FrameRow
    replayed: Replayed
    signature: str
    timings: dict[str, float] = field(default_factory=dict)


class PredictionService:
    """Keeps the mask of every prompted frame equal to what its state asks for."""

    def __init__(
        self, projects: Projects, slot: EngineSlot, masks: FrameMasks, bus: EventBus
    ) -> None:
        self._projects = projects
        self._slot = slot
        self._masks = masks
        self._bus = bus
        self._pool = ThreadPool(2, thread_name_prefix="mask")
        self.is_loading: Callable[[], bool] = lambda: False  # set later, by who loads models
        self._waiting: dict[tuple[SessionKey, int], Command] = {}  # answered once a model is there
        self._catching_up: set[tuple[SessionKey, int, int]] = set()  # key, frame, rev

    def request(
        self,
        key: SessionKey,
        frame_idx: int,
        command: Command | None,
        priority: Priority = Priority.CLICK,
    ) -> Future[MaskAnswer | None]:
        """Predict the frame's newest state; None if a newer request answers instead.

        The future raises `ModelUnavailable` while no model is loaded; the prompts are safe, and
        `catch_up` predicts them once there is one.
        """
        asked_at = monotonic()
        device = self._submit(
            priority, lambda engine: self._compute(engine, key, frame_idx, asked_at)
        )
        place = (key, frame_idx)
        if device is None and command is not None and self.is_loading():
            self._waiting[place] = command
            return failed(_no_model())
        answer = (
            self._pool.submit(self._finish, device, place, command)
            if device
            else failed(_no_model())
        )
        answer.add_done_callback(lambda done: self._tell_failure(done, place, command))
        return answer

    def answer_settled(
        self, key: SessionKey, row: FrameRow, settled: Settled, command: Command | None
    ) -> Future[MaskAnswer | None]:
        """Tell the one who acted that the frame has no prompts now, and what mask it has."""
        png = None
        if settled.png is not None:
            size_hw = self._projects.get(key.video_id).size_hw
            png = encode_bits(decode_mask(settled.png, size_hw))
        answer = MaskAnswer(row.rev, settled.mask, png)
        self._send(key, row.frame_idx, answer, command, {})
        return _done(answer)

    def answer_again(self, key: SessionKey, frame_idx: int, command: Command | None) -> None:
        """A command came twice: its mask may have been lost on the way, so it is sent again."""
        if self._slot.peek() is None:
            return
        row = self._projects.get(key.video_id).db.read(lambda tx: read_frame(tx, key, frame_idx))
        if row is not None and row.state.is_prompted:
            self.request(key, frame_idx, command)

    def forget(self, key: SessionKey, frame_idx: int) -> None:
        """The frame has no prompts any more: the live session drops its output."""
        self._submit(
            Priority.CLICK, lambda engine: engine.session(key).set_prompted(frame_idx, None)
        )

    def forget_video(self, video_id: str) -> None:
        """Its frames are gone; others may come under the same name."""
        dropped = self._submit(Priority.CLICK, lambda engine: engine.drop_video(video_id))
        if dropped:
            with suppress(EngineClosed):  # then it remembers nothing
                dropped.result()

    def look_at(self, video_id: str, frame_idx: int) -> None:
        """Encode the frame on screen before the click comes, if nothing else waits."""
        engine = self._slot.peek()
        if engine is not None and engine.scheduler.waiting() < 2:
            self._submit(Priority.LOOK, lambda engine: _look(engine, video_id, frame_idx))

    def predictions_of(
        self, engine: Engine, key: SessionKey, rows: list[FrameRow]
    ) -> dict[int, Prediction]:
        """The prediction of each prompted frame, predicting what is missing. In the device thread.

        What was missing is stored, so that a rebuilt session finds it.
        """
        project = self._projects.get(key.video_id)
        session = engine.session(key)
        found = {}
        for row in rows:
            replayed = replay(project, session, row, engine.network.signature)
            found[row.frame_idx] = replayed.prediction
            if replayed.fresh:
                computed = _Computed(row, replayed, engine.network.signature)
                project.db.write(partial(_store, key=key, computed=computed))
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
        command = self._waiting.pop((key, frame_idx), None)
        work = (key, frame_idx, rev)
        if command is None and work in self._catching_up:
            return
        self._catching_up.add(work)
        priority = Priority.BATCH if command is None else Priority.CLICK
        answer = self.request(key, frame_idx, command, priority)
        answer.add_done_callback(lambda _: self._catching_up.discard(work))

    def close(self) -> None:
        """Finish the masks under way."""
        self._pool.shutdown()

    def _submit(self, priority: Priority, task: Callable[[Engine], T]) -> Future[T] | None:
        """Ask the engine in use; None while there is none."""
        while (engine := self._slot.peek()) is not None:
            with suppress(EngineClosed):  # exchanged at this moment: there is another now, or none
                return engine.submit(priority, partial(task, engine))
        return None

    def _compute(
        self, engine: Engine, key: SessionKey, frame_idx: int, asked_at: float
    ) -> _Computed | None:
        started = monotonic()
        project = self._projects.get(key.video_id)
        row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
        if row is None or not row.state.is_prompted:
            return None
        engine.features.get(key.video_id, frame_idx)
        encoded = monotonic()
        session = engine.session(key)
        replayed = replay(project, session, row, engine.network.signature)
        session.set_prompted(frame_idx, replayed.prediction)
        if (frame_idx, row.state.digest) in project.db.read(partial(conditioned_frames, key=key)):
            session.restore(frame_idx)
        timings = {
            "queue_s": started - asked_at,
            "encode_s": encoded - started,
            "decode_s": monotonic() - encoded,
        }
        return _Computed(row, replayed, engine.network.signature, timings)

    def _finish(
        self,
        device: Future[_Computed | None],
        place: tuple[SessionKey, int],
        command: Command | None,
    ) -> MaskAnswer | None:
        key, frame_idx = place
        try:
            computed = device.result()
        except EngineClosed:
            self.request(key, frame_idx, command)
            return None  # the next engine answers
        if computed is None:
            return None
        started = monotonic()
        project = self._projects.get(key.video_id)
        prediction = computed.replayed.prediction
        mask_hw = to_mask(prediction, project.size_hw)
        row, score = computed.row, prediction.score
        mask = MaskRow(row.frame_idx, row.rev, MaskSource.HUMAN, mask_facts(mask_hw), None, score)
        answer = MaskAnswer(row.rev, mask, encode_bits(mask_hw))
        computed.timings["png_s"] = monotonic() - started
        self._send(key, row.frame_idx, answer, command, computed.timings)
        with project.lock:
            newest = project.db.read(lambda tx: read_frame(tx, key, row.frame_idx))
            if newest is None or newest.rev != row.rev:
                return None  # the request of the newer state writes the file
            self._masks.save(
                project, key, mask, encode_gray8(mask_hw), lambda tx: _store(tx, key, computed)
            )
        return answer

    def _send(
        self,
        key: SessionKey,
        frame_idx: int,
        answer: MaskAnswer,
        command: Command | None,
        timings: Mapping[str, float],
    ) -> None:
        if command is None:
            return
        mask = answer.mask
        data: dict[str, Any] = {
            "key": key.to_wire(),
            "frame_idx": frame_idx,
            "rev": answer.rev,
            "seq": command.seq,
            "score": mask.score if mask else None,
            **(mask.facts.to_wire() if mask else {"area": 0, "box": None}),
            "source": mask.source.value if mask else None,
            "timings": dict(timings),
            "state": "removed" if answer.png is None else "drawn",
            "png": answer.png,
        }
        self._bus.publish(Event(EventName.MASK, data, video_id=key.video_id, to=command.sid))

    def _tell_failure(
        self,
        done: Future[MaskAnswer | None],
        place: tuple[SessionKey, int],
        command: Command | None,
    ) -> None:
        error = done.exception()
        if error is None:
            return
        if isinstance(error, FsyncFailed):
            stop_at_once()
        key, frame_idx = place
        known = isinstance(error, SessionError)
        log.warning("%s: no mask: %s", key, error, exc_info=None if known else error)
        if isinstance(error, StorageFailed) and (project := self._projects.peek(key.video_id)):
            project.fell_behind(error)
        if command is not None:
            fields = error_fields(error)
            fields.pop("status")
            data = {"key": key.to_wire(), "frame_idx": frame_idx, "seq": command.seq}
            data |= {"state": "failed", "error": fields}
            self._bus.publish(Event(EventName.MASK, data, video_id=key.video_id, to=command.sid))


def _is_behind(project: Project, key: SessionKey, row: FrameRow) -> bool:
    mask = project.db.read(lambda tx: read_mask(tx, key, row.frame_idx))
    path = project.workspace.mask_path(key, row.frame_idx)
    return mask is None or mask.rev != row.rev or not path.exists()


def _store(tx: Transaction, key: SessionKey, computed: _Computed) -> None:
    for digest, prediction in computed.replayed.fresh.items():
        save_prediction(
            tx, key, computed.row.frame_idx, digest, computed.signature, prediction.pack()
        )


def _look(engine: Engine, video_id: str, frame_idx: int) -> None:
    try:
        engine.look_at(video_id, frame_idx)
    except SessionError as error:  # not extracted yet: the click will say so
        log.debug("%s: frame %d not encoded ahead: %s", video_id, frame_idx, error)


def _done(answer: MaskAnswer) -> Future[MaskAnswer | None]:
    future: Future[MaskAnswer | None] = Future()
    future.set_result(answer)
    return future


def failed(error: Exception) -> Future[Any]:
    """A future that is there to raise."""
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _no_model() -> ModelUnavailable:
    return ModelUnavailable(
        "There is no model to answer; what you did is saved.",
        hint="The mask follows once a model is loaded; the server's --model chooses it.",
    )
