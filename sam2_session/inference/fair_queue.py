"""Priority queue that serves the owners of one priority in rotation."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Lane = OrderedDict[Hashable, deque[T]]


class FairQueue(Generic[T]):
    """Items by priority and owner: an owner that queues a hundred delays nobody but itself.

    An owner's own items keep their order. Not safe for several threads: the scheduler locks.
    """

    def __init__(self) -> None:
        self._lanes: dict[int, Lane[T]] = {}
        self._passes: Mapping[Any, int] = {}
        self._passed: dict[Hashable, int] = {}  # turns that an owner let pass since its last item

    def weigh(self, passes: Mapping[Any, int]) -> bool:
        """Let an owner pass so many turns before each item while others wait; whether that is new.

        An owner that is not named passes none.
        """
        is_new = passes != self._passes
        self._passes = dict(passes)
        return is_new

    def put(self, priority: int, owner: Hashable, item: T) -> None:
        """Queue an item behind the owner's others; a new owner behind the lane's other owners."""
        lane = self._lanes.setdefault(priority, OrderedDict())
        lane.setdefault(owner, deque()).append(item)

    def take(self, up_to: int) -> T | None:
        """Remove the next item of priority `up_to` or more urgent; its owner goes to the end."""
        for priority in sorted(self._lanes):
            if priority > up_to:
                return None
            if lane := self._lanes[priority]:
                return self._take_of(lane, self._passed)
        return None

    def drop(self, item: T) -> None:
        """Remove an item that still waits; of one that does not nothing happens."""
        for lane in self._lanes.values():
            for owner, queue in lane.items():
                if item in queue:
                    queue.remove(item)
                    if not queue:
                        del lane[owner]
                        self._passed.pop(owner, None)
                    return

    def __iter__(self) -> Iterator[T]:
        """Yield all items in the order in which `take` would return them."""
        passed = dict(self._passed)
        for priority in sorted(self._lanes):
            if self._passes.keys() & self._lanes[priority].keys():
                copy = OrderedDict((k, deque(queue)) for k, queue in self._lanes[priority].items())
                while copy:
                    yield self._take_of(copy, passed)
                continue
            for rank in zip_longest(*self._lanes[priority].values()):
                yield from (item for item in rank if item is not None)

    def __len__(self) -> int:
        return sum(len(queue) for lane in self._lanes.values() for queue in lane.values())

    def _take_of(self, lane: Lane[T], passed: dict[Hashable, int]) -> T:
        """Remove the first item of the first owner that has let enough turns pass."""
        owner = next(iter(lane))
        while len(lane) > 1 and passed.get(owner, 0) < self._passes.get(owner, 0):
            passed[owner] = passed.get(owner, 0) + 1
            lane.move_to_end(owner)
            owner = next(iter(lane))
        passed.pop(owner, None)
        queue = lane.pop(owner)
        item = queue.popleft()
        if queue:
            lane[owner] = queue
        return item
