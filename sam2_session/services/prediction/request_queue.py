"""Requests for the masks of frames on their way to the device, one per frame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sam2_session.inference.scheduler import Priority
from sam2_session.inference.slot import EngineSlot
from sam2_session.runtime import Future, Lock, monotonic
from sam2_session.services.masks.frame_mask import FrameMask, PairFrame
from sam2_session.services.prediction.predictor import FramePrediction
from sam2_session.services.projects.commands import Command

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine


@dataclass(slots=True, eq=False)
class MaskRequest:
    """A frame whose newest state is to be predicted, and the commands that wait for it.

    `mask` is what callers wait for: None if a newer request delivers instead.
    """

    frame: PairFrame
    priority: Priority
    commands: list[Command] = field(default_factory=list)
    mask: Future[FrameMask | None] = field(default_factory=Future)
    requested_at: float = field(default_factory=monotonic)
    device: Future[FramePrediction | None] | None = None  # None while no model is loaded

    @property
    def owner(self) -> str | None:
        """The client in whose rotation the device serves it: the first that asked."""
        return self.commands[0].sid if self.commands else None


Predict = Callable[["Engine", MaskRequest], FramePrediction | None]
Predicted = Callable[[MaskRequest, Future[FramePrediction | None]], None]


class RequestQueue:
    """Submits each frame once to the device, however many commands wait for its mask.

    The state is read when the device starts on it, so a command that comes before joins the
    request. `predict` and `predicted` are called in the device thread: to compute, and when the
    request's future is done (also refused with `EngineClosed`, or cancelled).
    """

    def __init__(self, slot: EngineSlot, predict: Predict, predicted: Predicted) -> None:
        self._slot = slot
        self._predict = predict
        self._predicted = predicted
        self._lock = Lock()  # held while submitting, so that no frame is submitted twice
        self._waiting: dict[PairFrame, MaskRequest] = {}
        self._unfinished: set[MaskRequest] = set()

    def add(self, frame: PairFrame, commands: Sequence[Command], priority: Priority) -> MaskRequest:
        """Join the request that waits for this frame, or make one and submit it.

        A more urgent command moves the request up. `device` is None if no model is loaded.
        """
        with self._lock:
            request = self._waiting.get(frame) or self._new(frame, priority)
            request.commands += commands
            is_more_urgent = priority < request.priority
            if request.device is None or (is_more_urgent and request.device.cancel()):
                request.priority = min(priority, request.priority)
                self._submit(request)
        return request

    def submit_again(self, request: MaskRequest) -> None:
        """Submit to the engine in use a request that the one before refused."""
        with self._lock:
            self._submit(request)

    def cancel_waiting(self) -> None:
        """Cancel every request that the device has not started on."""
        with self._lock:
            for request in list(self._waiting.values()):
                if request.device is not None and request.device.cancel():
                    del self._waiting[request.frame]
                    request.mask.cancel()

    def waiting(self) -> list[MaskRequest]:
        """Return the requests that the device has not started on."""
        with self._lock:
            return list(self._waiting.values())

    def unfinished(self) -> list[MaskRequest]:
        """Return the requests whose mask is not delivered yet, waiting ones included."""
        with self._lock:
            return list(self._unfinished)

    def _new(self, frame: PairFrame, priority: Priority) -> MaskRequest:
        request = self._waiting[frame] = MaskRequest(frame, priority)
        self._unfinished.add(request)
        request.mask.add_done_callback(lambda _: self._unfinished.discard(request))
        return request

    def _submit(self, request: MaskRequest) -> None:
        task = partial(self._start, request)
        request.device = self._slot.submit(request.priority, task, owner=request.owner)
        if request.device is None:
            self._waiting.pop(request.frame, None)
        else:
            request.device.add_done_callback(partial(self._predicted, request))

    def _start(self, request: MaskRequest, engine: Engine) -> FramePrediction | None:
        """Predict in the device thread; a command that comes from now on needs a new request."""
        with self._lock:
            if self._waiting.get(request.frame) is request:
                del self._waiting[request.frame]
        return self._predict(engine, request)
