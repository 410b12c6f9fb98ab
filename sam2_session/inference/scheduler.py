"""One thread owns the device; what waits for it is ordered by urgency, then by age."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeVar

from sam2_session.core.errors import EngineClosed
from sam2_session.runtime import Future, Lock, PriorityQueue, monotonic, spawn

T = TypeVar("T")


class Priority(IntEnum):
    """Lower goes first. Nothing holds the device for longer than one frame's step."""

    CLOSE = -1
    CLICK = 0
    LOOK = 1
    STEP = 2
    BATCH = 3


@dataclass(order=True, slots=True)
class _Task:
    priority: Priority
    order: int
    run: Callable[[], Any] | None = field(compare=False)
    future: Future[Any] = field(compare=False)
    queued_at: float = field(compare=False)


class Scheduler:
    """Runs one task at a time in its own thread, inside the context the model needs there.

    `context` (autocast, inference mode) is thread-local in torch, so it is entered in this thread.
    """

    def __init__(self, context: Callable[[], AbstractContextManager[Any]]) -> None:
        self._context = context
        self._tasks: PriorityQueue[_Task] = PriorityQueue()
        self._order = itertools.count()
        self._closed = False
        self._closing = Lock()  # nothing is queued behind the end, where nobody would answer it
        self.steps_done = 0
        self._thread = spawn(self._loop, name="device")

    def submit(self, priority: Priority, run: Callable[[], T]) -> Future[T]:
        """Queue a task; its future also raises what the task raised."""
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise EngineClosed
            self._tasks.put(_Task(priority, next(self._order), run, future, monotonic()))
        return future

    def waiting(self) -> int:
        """How many tasks wait."""
        return self._tasks.qsize()

    def close(self) -> None:
        """Finish the task in work, refuse the rest, end the thread."""
        with self._closing:
            self._closed = True
        self._tasks.put(_Task(Priority.CLOSE, next(self._order), None, Future(), monotonic()))
        self._thread.join()

    def _loop(self) -> None:
        while (task := self._tasks.get()).run is not None:
            if task.future.set_running_or_notify_cancel():
                self._run(task, task.run)
            self.steps_done += 1
        while not self._tasks.empty():
            self._tasks.get().future.set_exception(EngineClosed())

    def _run(self, task: _Task, run: Callable[[], Any]) -> None:
        try:
            with self._context():
                result = run()
        except BaseException as error:  # noqa: BLE001 - the error travels to whoever asked
            task.future.set_exception(error)
        else:
            task.future.set_result(result)
