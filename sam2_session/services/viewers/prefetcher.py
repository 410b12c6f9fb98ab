"""Prefetches image features: of the frames on screen first, of their neighbours when idle."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from itertools import chain

from sam2_session.core.errors import SessionError
from sam2_session.inference.engine import Engine, EngineSlot
from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Lock

Frame = tuple[str, int]  # video_id, frame_idx
MAX_NEIGHBOURS = 4

log = logging.getLogger(__name__)


class Prefetcher:
    """Encodes the frame each client (by socket id) shows before it is clicked.

    Only the newest frame of each client counts.
    """

    def __init__(self, slot: EngineSlot, *, neighbours: int) -> None:
        self._slot = slot
        self._neighbours = min(neighbours, MAX_NEIGHBOURS)
        self._screens: dict[str, Frame] = {}
        self._expected: Frame | None = None
        self._lock = Lock()

    def look(self, sid: str, video_id: str, frame_idx: int) -> None:
        """Encode the frame a client shows now."""
        frame = (video_id, frame_idx)
        with self._lock:
            self._screens[sid] = frame
        self._slot.submit(Priority.LOOK, partial(self._encode, sid, frame), owner=sid)

    def encode_ahead(self, video_id: str, frame_idx: int) -> None:
        """Encode a frame that somebody will show soon, between two steps of a run if need be."""
        task = partial(self._encode_soon, (video_id, frame_idx))
        self._slot.submit(Priority.BATCH, task, owner=video_id)

    def expect(self, video_id: str | None) -> None:
        """Encode a video's first frame once a model is there, if nobody looks at any until then."""
        self._expected = None if video_id is None else (video_id, 0)

    def leave(self, sid: str) -> None:
        """Forget a client that shows no frame any more."""
        with self._lock:
            self._screens.pop(sid, None)

    def on_screen(self) -> frozenset[Frame]:
        """Return the frames on all screens."""
        with self._lock:
            return frozenset(self._screens.values())

    def start_over(self) -> None:
        """Encode every frame on screen again: a new engine has encoded nothing yet."""
        with self._lock:
            screens, expected = dict(self._screens), self._expected
            self._expected = None
        for sid, frame in screens.items():
            self.look(sid, *frame)
        if expected is not None and not screens:
            self._slot.submit(Priority.IDLE, partial(self._encode_soon, expected))

    def _encode(self, sid: str, frame: Frame, engine: Engine) -> None:
        if self._screens.get(sid) != frame:
            return  # the client shows another frame by now
        try:
            engine.look_at(*frame)
        except SessionError as error:  # not extracted yet: the click will say so
            log.debug("%s: frame %d not encoded ahead: %s", *frame, error)
            return
        neighbours = self._neighbours_to_encode(engine, frame)
        engine.features.read_ahead.want(neighbours)
        for neighbour in neighbours:
            task = partial(self._encode_neighbour, sid, frame, neighbour)
            self._slot.submit(Priority.IDLE, task, owner=sid)

    def _encode_soon(self, frame: Frame, engine: Engine) -> None:
        with suppress(SessionError):  # not extracted any more
            engine.features.encode_ahead(*frame)

    def _encode_neighbour(self, sid: str, frame: Frame, neighbour: Frame, engine: Engine) -> None:
        if self._screens.get(sid) == frame:
            with suppress(SessionError):  # beyond the end, or not extracted yet
                engine.features.encode_ahead(*neighbour)

    def _neighbours_to_encode(self, engine: Engine, frame: Frame) -> list[Frame]:
        """Return the next frame, the one before, the next but one, …, if not encoded yet."""
        video_id, frame_idx = frame
        steps = range(1, self._neighbours // 2 + 2)
        near = chain.from_iterable((frame_idx + step, frame_idx - step) for step in steps)
        wanted = [(video_id, idx) for idx in near if idx >= 0][: self._neighbours]
        return [neighbour for neighbour in wanted if neighbour not in engine.features]
