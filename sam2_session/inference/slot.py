"""The engine in use, which is exchanged with the model. Imports no torch: it is empty at first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sam2_session.core.errors import EngineClosed, ModelUnavailable
from sam2_session.inference.scheduler import Priority
from sam2_session.runtime import Future

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine

T = TypeVar("T")


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
