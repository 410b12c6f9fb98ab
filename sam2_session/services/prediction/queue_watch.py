"""Thread that tells waiting clients their position in the queue of the device."""

from __future__ import annotations

from sam2_session.inference.slot import EngineSlot
from sam2_session.loops import Loop
from sam2_session.runtime import Signal, monotonic, sleep
from sam2_session.services.prediction.client_replies import ClientReplies
from sam2_session.services.prediction.request_queue import MaskRequest, RequestQueue

TOLD_AFTER_S = 0.15  # a client that is served sooner hears nothing
TOLD_AGAIN_S = 0.25  # sooner nobody reads it, and a crowd's positions change with each click served
POLL_S = 0.05


class QueueWatch:
    """Polls the queue while requests wait in it; sleeps otherwise."""

    def __init__(self, queue: RequestQueue, slot: EngineSlot, replies: ClientReplies) -> None:
        self._queue = queue
        self._slot = slot
        self._replies = replies
        self._wake = Signal()
        self._closed = False
        self._told: dict[MaskRequest, tuple[int, float]] = {}  # the position each heard, and when
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
        now = monotonic()
        self._told = {request: told for request, told in self._told.items() if request in waiting}
        late = [request for request in waiting if self._may_hear(request, now)]
        positions = self._positions() if late else {}
        for request in late:
            position = positions.get(id(request.device))
            if position is not None and self._told.get(request, (0, 0.0))[0] != position:
                self._told[request] = (position, now)
                waiting_s = now - request.requested_at
                self._replies.queued(request.frame, request.commands, position, waiting_s)

    def _may_hear(self, request: MaskRequest, now: float) -> bool:
        told = self._told.get(request)
        wait_s = now - (request.requested_at if told is None else told[1])
        return wait_s >= (TOLD_AFTER_S if told is None else TOLD_AGAIN_S)

    def _positions(self) -> dict[int, int]:
        """Map each waiting task's future, by its id, to its position; 1 is served next."""
        engine = self._slot.peek()
        order = engine.scheduler.order() if engine else []
        return {id(future): position for position, future in enumerate(order, start=1)}
