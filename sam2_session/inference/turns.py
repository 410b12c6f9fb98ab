"""Whose turn it is: the most urgent first, and among the equally urgent every owner in turn."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from itertools import zip_longest
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """What waits, by priority and owner. Who sends a hundred delays nobody but itself.

    An owner's own things keep their order. Not for several threads: the scheduler locks.
    """

    def __init__(self) -> None:
        self._lanes: dict[int, OrderedDict[Hashable, deque[T]]] = {}

    def put(self, priority: int, owner: Hashable, thing: T) -> None:
        """Line up behind the owner's own; a new owner behind the others of this priority."""
        lane = self._lanes.setdefault(priority, OrderedDict())
        lane.setdefault(owner, deque()).append(thing)

    def take(self, up_to: int) -> T | None:
        """The next one whose priority is `up_to` or more urgent; its owner goes to the end."""
        for priority in sorted(self._lanes):
            if priority > up_to:
                return None
            if lane := self._lanes[priority]:
                owner, queue = lane.popitem(last=False)
                thing = queue.popleft()
                if queue:
                    lane[owner] = queue
                return thing
        return None

    def __iter__(self) -> Iterator[T]:
        """All of them in the order in which they would be taken if nothing came between."""
        for priority in sorted(self._lanes):
            for rank in zip_longest(*self._lanes[priority].values()):
                yield from (thing for thing in rank if thing is not None)

    def __len__(self) -> int:
        return sum(len(queue) for lane in self._lanes.values() for queue in lane.values())
