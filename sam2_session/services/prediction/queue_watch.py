"""Thread that tells waiting clients their position in the queue of the device."""

from __future__ import annotations

from sam2_session.inference.engine import EngineSlot
from sam2_session.loops import Loop
from sam2_session.runtime import Signal, monotonic, sleep
from sam2_session.services.prediction.client_replies import ClientReplies
from sam2_session.services.prediction.request_queue import MaskRequest, RequestQueue

TOLD_AFTER_S = 0.15  # a client that is served sooner hears nothing
POLL_S = 0.05


class QueueWatch:
    """Polls the queue while requests wait in it; sleeps otherwise."""

    def __init__(self, queue: RequestQueue, slot: EngineSlot, replies: ClientReplies) -> None:
        self._queue = queue
        self._slot = slot
        self._replies = replies
        self._wake = Signal()
        self._closed = False
        self._told: dict[MaskRequest, int] = {}  # the position each was told last
        self._loop = Loop(self._watch, name="queue-watch")

    def wake(self) -> None:
        """Begin to poll: a request was added."""
        self._wake.set()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._wake.set()
        self._loop.join()

    def _watch(self) -> bool:
        self._wake.wait()
        self._wake.clear()
        while (waiting := self._queue.waiting()) and not self._closed:
            self._tell(waiting)
            sleep(POLL_S)
        return not self._closed

    def _tell(self, waiting: list[MaskRequest]) -> None:
        positions = self._positions()
        self._told = {request: told for request, told in self._told.items() if request in waiting}
        for request in waiting:
            position = positions.get(id(request.device))
            waiting_s = monotonic() - request.requested_at
            is_told = self._told.get(request) == position
            if position is None or waiting_s < TOLD_AFTER_S or is_told:
                continue
            self._told[request] = position
            self._replies.queued(request.frame, request.commands, position, waiting_s)

    def _positions(self) -> dict[int, int]:
        """Map each waiting task's future, by its id, to its position; 1 is served next."""
        engine = self._slot.peek()
        order = engine.scheduler.order() if engine else []
        return {id(future): position for position, future in enumerate(order, start=1)}
