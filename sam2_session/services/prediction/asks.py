"""Frames whose newest state waits for the device: asking twice is asking once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Future, Lock, monotonic
from sam2_session.services.prediction.answers import MaskAnswer, Place
from sam2_session.services.projects.commands import Command


@dataclass(slots=True, eq=False)
class Ask:
    """One place whose newest state is to be predicted, and everybody who asked for it."""

    place: Place
    priority: Priority
    commands: list[Command] = field(default_factory=list)
    answer: Future[MaskAnswer | None] = field(default_factory=Future)
    asked_at: float = field(default_factory=monotonic)
    device: Future[Any] | None = None  # its turn at the device; None while there is no device

    @property
    def owner(self) -> str | None:
        """Whose turn at the device it takes: the first one's to ask."""
        return self.commands[0].sid if self.commands else None


Submit = Callable[[Ask], Future[Any] | None]


class Asks:
    """What waits, by place. Only the newest state is predicted: the device reads it at its turn."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[Place, Ask] = {}
        self._open: set[Ask] = set()

    def join(
        self, place: Place, commands: Sequence[Command], priority: Priority, submit: Submit
    ) -> Ask:
        """Add to what waits for this place; `submit` asks the device where nothing does yet."""
        with self._lock:
            ask = self._waiting.get(place)
            if ask is None:
                ask = self._new(place, priority)
            ask.commands += commands
            hurries = priority < ask.priority and ask.device is not None and ask.device.cancel()
            if ask.device is None or hurries:
                ask.priority = min(priority, ask.priority)
                self._submit(ask, submit)
        return ask

    def again(self, ask: Ask, submit: Submit) -> None:
        """The device it waited for is gone: wait for the next one."""
        with self._lock:
            self._submit(ask, submit)

    def begin(self, ask: Ask) -> None:
        """Its turn has come: who changes the frame from now on asks anew."""
        with self._lock:
            if self._waiting.get(ask.place) is ask:
                del self._waiting[ask.place]

    def give_up(self) -> None:
        """Take back what the device has not begun: it is asked for again at the next start."""
        with self._lock:
            for ask in list(self._waiting.values()):
                if ask.device is not None and ask.device.cancel():
                    del self._waiting[ask.place]
                    ask.answer.cancel()

    def waiting(self) -> list[Ask]:
        """All whose turn has not come."""
        with self._lock:
            return list(self._waiting.values())

    def unanswered(self) -> list[Ask]:
        """All that were asked for and have no answer yet."""
        with self._lock:
            return list(self._open)

    def _new(self, place: Place, priority: Priority) -> Ask:
        ask = self._waiting[place] = Ask(place, priority)
        self._open.add(ask)
        ask.answer.add_done_callback(lambda _: self._open.discard(ask))
        return ask

    def _submit(self, ask: Ask, submit: Submit) -> None:
        ask.device = submit(ask)
        if ask.device is None:
            self._waiting.pop(ask.place, None)
