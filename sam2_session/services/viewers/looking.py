"""What is on the screens: encoded before the click comes, its neighbours while nobody asks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import chain

from sam2_session.core.errors import EngineClosed, SessionError
from sam2_session.inference.engine import Engine, EngineSlot
from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Lock

Frame = tuple[str, int]  # video_id, frame_idx
MAX_NEIGHBOURS = 4

log = logging.getLogger(__name__)


class Looking:
    """The frame each client (by socket) looks at. A newer look takes the older one's place."""

    def __init__(self, slot: EngineSlot, *, neighbours: int) -> None:
        self._slot = slot
        self._neighbours = min(neighbours, MAX_NEIGHBOURS)
        self._screens: dict[str, Frame] = {}
        self._lock = Lock()

    def look(self, sid: str, video_id: str, frame_idx: int) -> None:
        """A client shows a frame."""
        frame = (video_id, frame_idx)
        with self._lock:
            self._screens[sid] = frame
        self._submit(Priority.LOOK, sid, partial(self._encode, sid, frame))

    def leave(self, sid: str) -> None:
        """A client shows nothing any more."""
        with self._lock:
            self._screens.pop(sid, None)

    def on_screen(self) -> frozenset[Frame]:
        """Every frame somebody looks at."""
        with self._lock:
            return frozenset(self._screens.values())

    def look_again(self) -> None:
        """The engine was exchanged: the new one has encoded nothing yet."""
        with self._lock:
            screens = dict(self._screens)
        for sid, frame in screens.items():
            self.look(sid, *frame)

    def _submit(self, priority: Priority, sid: str, task: Callable[[Engine], None]) -> None:
        engine = self._slot.peek()
        if engine is not None:
            with suppress(EngineClosed):  # exchanged at this moment: the next one looks again
                engine.submit(priority, partial(task, engine), owner=sid)

    def _encode(self, sid: str, frame: Frame, engine: Engine) -> None:
        if self._screens.get(sid) != frame:
            return  # a newer look waits
        try:
            engine.look_at(*frame)
        except SessionError as error:  # not extracted yet: the click will say so
            log.debug("%s: frame %d not encoded ahead: %s", *frame, error)
            return
        neighbours = self._beside(engine, frame)
        engine.features.read_ahead.want(neighbours)
        for neighbour in neighbours:
            self._submit(Priority.IDLE, sid, partial(self._encode_ahead, sid, frame, neighbour))

    def _encode_ahead(self, sid: str, frame: Frame, neighbour: Frame, engine: Engine) -> None:
        if self._screens.get(sid) == frame:
            with suppress(SessionError):  # beyond the end, or not extracted yet
                engine.features.encode_ahead(*neighbour)

    def _beside(self, engine: Engine, frame: Frame) -> list[Frame]:
        """The next one, the one before, the next but one, …; those that are not encoded."""
        video_id, frame_idx = frame
        steps = range(1, self._neighbours // 2 + 2)
        near = chain.from_iterable((frame_idx + step, frame_idx - step) for step in steps)
        wanted = [(video_id, idx) for idx in near if idx >= 0][: self._neighbours]
        return [one for one in wanted if one not in engine.features]
