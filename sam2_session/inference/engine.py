"""One network on one device: its scheduler, its feature cache and its live sessions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sam2_session.core.errors import EngineClosed, ModelUnavailable
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MemoryMode, SessionKey
from sam2_session.inference.batched_tracking import BatchedTracker, TrackStep, can_batch
from sam2_session.inference.device_helper import DeviceHelper, gains_from_help
from sam2_session.inference.features import FeatureCache
from sam2_session.inference.network import Network
from sam2_session.inference.out_of_memory import MemoryRetry
from sam2_session.inference.scheduler import NICENESS, Priority, Scheduler
from sam2_session.inference.session import InferenceSession, SessionSeed
from sam2_session.runtime import Future, monotonic

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
        self.two_at_once = gains_from_help(network.device, network.image_size)  # in two threads
        self._seed = seed
        self._session_memory_bytes = session_memory_bytes
        self._sessions: OrderedDict[SessionKey, InferenceSession] = OrderedDict()
        self._used_at: dict[SessionKey, float] = {}  # monotonic
        self._in_use: Collection[SessionKey] = ()
        self._retry = MemoryRetry(self._free_memory)
        self.features = FeatureCache(
            network, frame_path, self._retry, max_bytes=feature_cache_bytes, on_screen=on_screen
        )
        self._batches = BatchedTracker(network, self.features, self._retry)
        self._helper = DeviceHelper(network.context, NICENESS)
        self.scheduler = Scheduler(network.context)

    def submit(
        self, priority: Priority, task: Callable[[], T], *, owner: Hashable = None
    ) -> Future[T]:
        """Run a task in the device thread; owners (clients) of one priority go in rotation."""
        return self.scheduler.submit(priority, task, owner=owner)

    def session(self, key: SessionKey) -> InferenceSession:
        """Return the live session of a key, rebuilt if it was evicted."""
        return self._live(key, [key])

    @contextmanager
    def scratch_session(self, key: SessionKey) -> Iterator[InferenceSession]:
        """Build a session beside the live one; it is not kept, and writes nothing.

        It predicts just what the live one would.
        """
        seed = self._seed(key)
        seed = replace(seed, log=seed.log.read_only())
        session = InferenceSession(key, seed, self.network, self.features, self._retry)
        try:
            yield session
        finally:
            session.close()

    def new_session(self, key: SessionKey, seed: SessionSeed) -> InferenceSession:
        """Build a session from a seed of your own, beside the live ones; the caller closes it."""
        return InferenceSession(key, seed, self.network, self.features, self._retry)

    def step(
        self,
        keys: Sequence[SessionKey],
        frame_idx: int,
        *,
        reverse: bool,
        run: int,
        memory: MemoryMode = MemoryMode.PLAIN,
    ) -> dict[SessionKey, Prediction]:
        """Track one frame for every key; the frame is encoded once.

        A key whose last prompt was removed during the run is left out. Sessions of other keys are
        evicted when these have grown; these themselves stay, whatever they hold.
        """
        sessions = [self._live(key, keys) for key in keys]
        to_track = [session for session in sessions if session.can_track]
        if self.batch_objects and can_batch(self.network):
            found = self._batches.track(to_track, TrackStep(frame_idx, reverse, run, memory))
        else:
            steps = [
                partial(session.step, frame_idx, reverse=reverse, run=run, memory=memory)
                for session in to_track
            ]
            predictions = self._do(steps)
            found = {s.key: own for s, own in zip(to_track, predictions, strict=True)}
        self._evict(keys)
        return found

    def look_at(self, video_id: str, frame_idx: int) -> None:
        """Encode the frame on screen before the click comes."""
        self.features.get(video_id, frame_idx)

    def trim(self) -> None:
        """Evict down to the budget again, after a run that kept its sessions beyond it."""
        self._evict(())

    def drop_unused(self, idle_s: float) -> None:
        """Close the sessions and drop the features that nobody has used for so many seconds."""
        before_s = monotonic() - idle_s
        for key in [key for key, used_s in self._used_at.items() if used_s < before_s]:
            self.drop_session(key)
        self.features.drop_unused(before_s)

    def drop_session(self, key: SessionKey) -> None:
        """Close a session; the next use rebuilds it."""
        self._used_at.pop(key, None)
        session = self._sessions.pop(key, None)
        if session is not None:
            session.close()

    def drop_video(self, video_id: str) -> None:
        """Close a video's sessions and drop its features."""
        for key in [key for key in self._sessions if key.video_id == video_id]:
            self.drop_session(key)
        self.features.drop_video(video_id)

    def live_sessions(self) -> int:
        """Count the sessions in memory."""
        return len(self._sessions)

    def session_nbytes(self) -> int:
        """Sum the bytes of all live sessions."""
        return sum(session.nbytes for session in list(self._sessions.values()))

    def close(self) -> None:
        """End the device thread and release every session."""
        self.scheduler.close()
        self._helper.close()
        self.features.close()
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def _do(self, steps: Sequence[Callable[[], Prediction]]) -> list[Prediction]:
        """Do the steps of a frame, maybe two at a time, and encode the next frame with them."""
        if not (self.two_at_once and steps):
            return [step() for step in steps]
        tasks: list[Callable[[], Any]] = [*steps, self.features.encode_next]
        return self._helper.share(tasks)[:-1]

    def _live(self, key: SessionKey, in_use: Collection[SessionKey]) -> InferenceSession:
        self._in_use = in_use
        session = self._sessions.get(key)
        if session is None:
            seed = self._seed(key)
            session = InferenceSession(key, seed, self.network, self.features, self._retry)
            self._sessions[key] = session
            self._evict(in_use)
        self._sessions.move_to_end(key)
        self._used_at[key] = monotonic()
        return session

    def _free_memory(self) -> None:
        """Drop all features, and all sessions but those of the task that ran out of memory."""
        self.features.give_way()
        for key in [key for key in self._sessions if key not in self._in_use]:
            self.drop_session(key)
        self.network.return_unused()

    def _evict(self, in_use: Collection[SessionKey]) -> None:
        """Drop the sessions used longest ago, but none in use, until the rest fits the budget."""
        total = self.session_nbytes()
        for key in [key for key in self._sessions if key not in in_use]:
            if total <= self._session_memory_bytes and len(self._sessions) <= MAX_SESSIONS:
                return
            total -= self._sessions[key].nbytes
            self.drop_session(key)


class EngineSlot:
    """Holds the engine in use, which is exchanged with the model; services ask here each time."""

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def get(self) -> Engine:
        """Return the engine. Raises `ModelUnavailable` while there is none."""
        if self._engine is None:
            raise ModelUnavailable(
                "No model is loaded yet.", hint="Wait for it, or choose a model that is ready."
            )
        return self._engine

    def peek(self) -> Engine | None:
        """Return the engine, or None while there is none."""
        return self._engine

    def put(self, engine: Engine | None) -> None:
        """Exchange the engine, closing the one before."""
        before, self._engine = self._engine, engine
        if before is not None:
            before.close()

    def submit(
        self, priority: Priority, task: Callable[[Engine], T], *, owner: Hashable = None
    ) -> Future[T] | None:
        """Run `task(engine)` in the device thread of the engine in use; None while there is none.

        The future raises `EngineClosed` if the engine is exchanged before the task's turn.
        """
        while (engine := self._engine) is not None:
            with suppress(EngineClosed):  # exchanged at this moment: ask the next one, if any
                return engine.submit(priority, partial(task, engine), owner=owner)
        return None

    def forget_video(self, video_id: str) -> None:
        """Drop what the engine holds of a video whose frames are gone; returns when it is done."""
        dropped = self.submit(Priority.CLICK, lambda engine: engine.drop_video(video_id))
        if dropped is not None:
            with suppress(EngineClosed):  # then it holds nothing any more
                dropped.result()
