"""Scheduler of the device: one thread runs its tasks, by priority and in rotation of owners."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar

from sam2_session.core.errors import EngineClosed
from sam2_session.inference.fair_queue import FairQueue
from sam2_session.runtime import Condition, Future, lower_priority, monotonic, spawn

T = TypeVar("T")

QUIET_S = 0.15  # between two steps of a run the device is free for less: nothing idle slips in
NICENESS = 5  # of the device's threads: what acknowledges clicks goes before the model
FADE = 0.5  # weight of earlier idle tasks in how long the next one is expected to take


class Priority(IntEnum):
    """Order of tasks, lower first. No task holds the device longer than one frame's step."""

    CLICK = 0
    LOOK = 1
    STEP = 2
    BATCH = 3
    IDLE = 4  # only when nobody has asked for anything else for a while


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    run: Callable[[], Any]
    future: Future[Any]
    is_idle: bool


class Scheduler:
    """Runs one task at a time in its own thread, inside the context the model needs there.

    `context` (autocast, inference mode) is thread-local in torch, so it is entered in this thread.
    Idle tasks wait until the device was quiet for `QUIET_S`, and for as long as such a task takes:
    a click that comes meanwhile waits for its end, so on a slow device they must be rarer.
    """

    def __init__(self, context: Callable[[], AbstractContextManager[Any]]) -> None:
        self._context = context
        self._queue: FairQueue[_Task] = FairQueue()
        self._changed = Condition()
        self._closed = False
        self._quiet_from = 0.0
        self._idle_task_s = 0.0
        self._thread = spawn(self._loop, name="device")

    def submit(
        self, priority: Priority, run: Callable[[], T], *, owner: Hashable = None
    ) -> Future[T]:
        """Queue a task; its future also raises what the task raised.

        Owners (clients) of one priority are served in rotation; tasks without one in their order.
        """
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise EngineClosed
            is_idle = priority is Priority.IDLE
            self._queue.put(priority, owner, _Task(run, future, is_idle))
            self._changed.notify()
        return future

    def waiting(self) -> int:
        """Count the tasks that wait, idle ones left out."""
        with self._changed:
            return sum(not task.is_idle for task in self._queue)

    def order(self) -> list[Future[Any]]:
        """Return the futures of the waiting tasks, in the order in which they would run."""
        with self._changed:
            return [task.future for task in self._queue]

    def close(self) -> None:
        """Finish the current task, refuse the rest with `EngineClosed`, end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _loop(self) -> None:
        lower_priority(NICENESS)
        while (task := self._next()) is not None:
            if task.future.set_running_or_notify_cancel():
                self._run(task)
        for task in self._queue:
            if task.future.set_running_or_notify_cancel():
                task.future.set_exception(EngineClosed())

    def _next(self) -> _Task | None:
        with self._changed:
            while not self._closed:
                quiet_s = self._quiet_from - monotonic()
                task = self._queue.take(Priority.BATCH if quiet_s > 0 else Priority.IDLE)
                if task is not None:
                    return task
                self._changed.wait(quiet_s if quiet_s > 0 else None)
        return None

    def _run(self, task: _Task) -> None:
        started = monotonic()
        try:
            with self._context():
                result = task.run()
        except BaseException as error:  # noqa: BLE001 - the error travels to whoever asked
            self._ended(task, started)
            task.future.set_exception(error)
        else:
            self._ended(task, started)
            task.future.set_result(result)

    def _ended(self, task: _Task, started: float) -> None:
        now = monotonic()
        if task.is_idle:
            self._idle_task_s = max(now - started, self._idle_task_s * FADE)
        else:
            self._quiet_from = now + max(QUIET_S, self._idle_task_s)
