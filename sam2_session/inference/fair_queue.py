"""Priority queue that serves the owners of one priority in rotation."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from itertools import zip_longest
from typing import Generic, TypeVar

T = TypeVar("T")


class FairQueue(Generic[T]):
    """Items by priority and owner: an owner that queues a hundred delays nobody but itself.

    An owner's own items keep their order. Not safe for several threads: the scheduler locks.
    """

    def __init__(self) -> None:
        self._lanes: dict[int, OrderedDict[Hashable, deque[T]]] = {}

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
                owner, queue = lane.popitem(last=False)
                item = queue.popleft()
                if queue:
                    lane[owner] = queue
                return item
        return None

    def drop(self, item: T) -> None:
        """Remove an item that still waits; of one that does not nothing happens."""
        for lane in self._lanes.values():
            for owner, queue in lane.items():
                if item in queue:
                    queue.remove(item)
                    if not queue:
                        del lane[owner]
                    return

    def __iter__(self) -> Iterator[T]:
        """Yield all items in the order in which `take` would return them."""
        for priority in sorted(self._lanes):
            for rank in zip_longest(*self._lanes[priority].values()):
                yield from (item for item in rank if item is not None)

    def __len__(self) -> int:
        return sum(len(queue) for lane in self._lanes.values() for queue in lane.values())
