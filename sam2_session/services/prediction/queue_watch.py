"""Tells those who wait for the device how many go before them."""

from __future__ import annotations

from sam2_session.inference.engine import EngineSlot
from sam2_session.runtime import Signal, monotonic, sleep, spawn
from sam2_session.services.prediction.answers import Answers
from sam2_session.services.prediction.asks import Ask, Asks

TOLD_AFTER_S = 0.15  # whoever is served sooner hears nothing
POLL_S = 0.05


class QueueWatch:
    """A thread that looks at the queue while somebody waits."""

    def __init__(self, asks: Asks, slot: EngineSlot, answers: Answers) -> None:
        self._asks = asks
        self._slot = slot
        self._answers = answers
        self._asked = Signal()
        self._closed = False
        self._told: dict[Ask, int] = {}
        self._thread = spawn(self._loop, name="queue-watch")

    def asked(self) -> None:
        """Somebody began to wait."""
        self._asked.set()

    def close(self) -> None:
        """Tell nobody any more."""
        self._closed = True
        self._asked.set()
        self._thread.join()

    def _loop(self) -> None:
        while self._asked.wait() and not self._closed:
            self._asked.clear()
            while (waiting := self._asks.waiting()) and not self._closed:
                self._tell(waiting)
                sleep(POLL_S)

    def _tell(self, waiting: list[Ask]) -> None:
        positions = self._positions()
        self._told = {ask: told for ask, told in self._told.items() if ask in waiting}
        for ask in waiting:
            position = positions.get(id(ask.device))
            waiting_s = monotonic() - ask.asked_at
            if position is None or waiting_s < TOLD_AFTER_S or self._told.get(ask) == position:
                continue
            self._told[ask] = position
            self._answers.queued(ask.place, ask.commands, position, waiting_s)

    def _positions(self) -> dict[int, int]:
        engine = self._slot.peek()
        order = engine.scheduler.order() if engine else []
        return {id(future): position for position, future in enumerate(order, start=1)}
