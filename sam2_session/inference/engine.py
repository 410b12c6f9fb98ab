"""One network on one device: its scheduler, its feature cache and its live sessions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Sequence
from pathlib import Path
from typing import TypeVar

from sam2_session.core.errors import ModelUnavailable
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.features import FeatureCache
from sam2_session.inference.network import Network
from sam2_session.inference.scheduler import Priority, Scheduler
from sam2_session.inference.session import InferenceSession, SessionSeed
from sam2_session.inference.together import Step, can_batch, track_all
from sam2_session.runtime import Future

T = TypeVar("T")
MAX_SESSIONS = 256  # small ones too: each may hold a file open


class Engine:
    """Hands out live sessions. Evicting one loses nothing: it is rebuilt from its seed.

    `submit` may be called from any thread; every other method runs inside a submitted task.
    """

    def __init__(
        self,
        network: Network,
        *,
        seed: Callable[[SessionKey], SessionSeed],
        frame_path: Callable[[str, int], Path],
        feature_cache_bytes: int,
        session_memory_bytes: int,
        on_screen: Callable[[], Collection[tuple[str, int]]] = frozenset,
    ) -> None:
        self.network = network
        self.batch_objects = False  # several in one call: faster on a GPU, slower on a CPU
        self._seed = seed
        self._session_memory_bytes = session_memory_bytes
        self._sessions: OrderedDict[SessionKey, InferenceSession] = OrderedDict()
        self._in_use: Collection[SessionKey] = ()
        self.features = FeatureCache(
            network, frame_path, max_bytes=feature_cache_bytes, on_screen=on_screen
        )
        self.scheduler = Scheduler(network.context)
        network.room.make = self._make_room

    def submit(
        self, priority: Priority, task: Callable[[], T], *, owner: Hashable = None
    ) -> Future[T]:
        """Run a task in the device thread; owners (clients) of one priority take turns."""
        return self.scheduler.submit(priority, task, owner=owner)

    def session(self, key: SessionKey) -> InferenceSession:
        """The live session of a key, rebuilt if it was evicted."""
        return self._live(key, [key])

    def step(
        self, keys: Sequence[SessionKey], frame_idx: int, *, reverse: bool, run: int
    ) -> dict[SessionKey, Prediction]:
        """Track one frame for every key; the frame is encoded once.

        A key whose last prompt was taken away during the run is left out. Sessions of other keys
        make room when these have grown; these themselves stay, whatever they hold.
        """
        sessions = [self._live(key, keys) for key in keys]
        todo = [session for session in sessions if session.can_track]
        if self.batch_objects and can_batch(self.network):
            step = Step(frame_idx, reverse, run)
            found = track_all(self.network, self.features, todo, step)
        else:
            found = {one.key: one.step(frame_idx, reverse=reverse, run=run) for one in todo}
        self._evict(keys)
        return found

    def look_at(self, video_id: str, frame_idx: int) -> None:
        """Encode the frame on screen before the click comes."""
        self.features.get(video_id, frame_idx)

    def trim(self) -> None:
        """Keep to the budget again, after a run whose sessions had to stay together."""
        self._evict(())

    def drop_session(self, key: SessionKey) -> None:
        """Forget a session; the next use rebuilds it."""
        session = self._sessions.pop(key, None)
        if session is not None:
            session.close()

    def drop_video(self, video_id: str) -> None:
        """Forget a video's sessions and features."""
        for key in [key for key in self._sessions if key.video_id == video_id]:
            self.drop_session(key)
        self.features.drop_video(video_id)

    def live_sessions(self) -> int:
        """How many sessions are in memory."""
        return len(self._sessions)

    def session_nbytes(self) -> int:
        """Bytes held by all live sessions."""
        return sum(session.nbytes for session in self._sessions.values())

    def close(self) -> None:
        """End the device thread and release every session."""
        self.scheduler.close()
        self.features.close()
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def _live(self, key: SessionKey, in_use: Collection[SessionKey]) -> InferenceSession:
        self._in_use = in_use
        session = self._sessions.get(key)
        if session is None:
            session = InferenceSession(key, self._seed(key), self.network, self.features)
            self._sessions[key] = session
            self._evict(in_use)
        self._sessions.move_to_end(key)
        return session

    def _make_room(self) -> None:
        """Memory ran out: drop all but the sessions asked for last, which the work is for."""
        self.features.make_room()
        for key in [key for key in self._sessions if key not in self._in_use]:
            self.drop_session(key)
        self.network.return_unused()

    def _evict(self, in_use: Collection[SessionKey]) -> None:
        """Drop the sessions used longest ago until the rest fits; none that is in use."""
        total = self.session_nbytes()
        for key in [key for key in self._sessions if key not in in_use]:
            if total <= self._session_memory_bytes and len(self._sessions) <= MAX_SESSIONS:
                return
            total -= self._sessions[key].nbytes
            self.drop_session(key)


class EngineSlot:
    """Where the engine is, once a model is loaded; services ask here each time."""

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def get(self) -> Engine:
        """The engine; raises `ModelUnavailable` while there is none."""
        if self._engine is None:
            raise ModelUnavailable(
                "No model is loaded yet.", hint="Wait for it, or choose a model that is ready."
            )
        return self._engine

    def peek(self) -> Engine | None:
        """The engine, or None while there is none."""
        return self._engine

    def put(self, engine: Engine | None) -> None:
        """Exchange the engine, closing the one before."""
        before, self._engine = self._engine, engine
        if before is not None:
            before.close()
