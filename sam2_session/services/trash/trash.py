"""The trash: everything deleted, with who and when, to bring back; kept within bounds."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from sam2_session.core.clients import Client
from sam2_session.core.errors import Conflict, NotFound, SessionError
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.loops import seen
from sam2_session.runtime import Future, Lock, ThreadPool
from sam2_session.storage.trash import TrashItem, TrashKind, TrashStore, size_of
from sam2_session.storage.workspace import Workspace

log = logging.getLogger(__name__)

KEPT_S = 3600.0  # so that a thing just deleted can be brought back, even beyond the bounds
DAY_S = 86_400.0
TOLD = 20  # dropped items that the list still names


class Keeper(Protocol):
    """The service whose things the trash holds, as far as the trash needs it."""

    def restore_trashed(self, item: TrashItem, client: Client | None) -> dict[str, Any]:
        """Bring an item back, and `forget` it; returns what the answer adds."""
        ...

    def purge_trashed(self, item: TrashItem) -> None:
        """Remove for good what lies outside the item's folder."""
        ...

    def trashed_folder(self, item: TrashItem) -> Path | None:
        """Return a folder outside the trash that belongs to the item."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of the trash: days and bytes; 0: no bound."""

    days: int = 0
    max_bytes: int = 0

    @property
    def any(self) -> bool:
        """Return whether there is a bound."""
        return self.days > 0 or self.max_bytes > 0


class Trash:
    """Lists deleted things; each kind has a keeper that brings it back."""

    def __init__(self, workspace: Workspace, bus: EventBus, bounds: Bounds | None = None) -> None:
        self.store = TrashStore(workspace)
        self._workspace = workspace
        self._bus = bus
        self._bounds = bounds or Bounds()
        self._keepers: dict[TrashKind, Keeper] = {}
        self._sizes: dict[str, int] = {}
        self._dropped: list[dict[str, Any]] = []
        self._lock = Lock()
        self._sweeper = ThreadPool(1, thread_name_prefix="trash-sweep")
        self._sweep: Future[None] | None = None  # the newest
        self._closed = False

    def register(self, kind: TrashKind, keeper: Keeper) -> None:
        """Let a keeper bring back things of this kind."""
        self._keepers[kind] = keeper

    def start(self) -> None:
        """Remove what a stop left half removed, and what is out of bounds by now."""
        if not self._workspace.is_read_only:
            self.store.sweep()
            self._sweep_soon()

    def close(self) -> None:
        """Wait for the sweep under way."""
        self._closed = True
        self._sweeper.shutdown()

    def put(
        self,
        folder: Path,
        kind: TrashKind,
        name: str,
        *,
        video_id: str | None,
        client: Client | None,
        **details: Any,
    ) -> TrashItem:
        """List a folder in the trash that holds a deleted thing, and tell everybody."""
        now = time.time()
        item = TrashItem(folder.name, kind, name, video_id, now, now, client, details)
        self.store.write(item)
        self._announce("deleted", [item], client)
        self._sweep_soon()
        return item

    def find_of(self, kind: TrashKind, video_id: str | None, **details: Any) -> TrashItem | None:
        """Find the newest item of a kind with these details."""
        for item in self.store.items():
            same = all(item.details.get(name) == value for name, value in details.items())
            if item.kind is kind and item.video_id == video_id and same:
                return item
        return None

    def forget(self, item: TrashItem | None, client: Client | None = None) -> None:
        """Take an item off the list once it is back, and tell everybody."""
        if item is None:
            return
        with suppress(NotFound):
            self.store.remove(item.trash_id)
        self._sizes.pop(item.trash_id, None)
        self._announce("restored", [item], client)

    def changed(self, item: TrashItem, **details: Any) -> None:
        """Note that only a part of an item came back; the rest stays listed."""
        self._sizes.pop(item.trash_id, None)
        self.store.write(replace(item, **details))

    def list(self) -> dict[str, Any]:
        """List everything in the trash, newest first, with its size and the bounds."""
        if not self._workspace.is_read_only:
            self.store.adopt_instances()
        items = [{**item.to_wire(), "bytes": self._size(item)} for item in self.store.items()]
        return {
            "items": items,
            "bytes": sum(item["bytes"] for item in items),
            "days": self._bounds.days,
            "max_bytes": self._bounds.max_bytes,
            "dropped": list(self._dropped),
        }

    def restore(self, trash_id: str, client: Client | None) -> dict[str, Any]:
        """Bring one thing back, as it was. Raises `NotFound` or `Conflict`."""
        item = self.store.find(trash_id)
        keeper = self._keepers.get(item.kind)
        if keeper is None:
            raise Conflict(
                "These files belonged to nothing, so they have no place to go back to.",
                hint=f"They lie in outputs/.trash/{trash_id}.",
            )
        answer = keeper.restore_trashed(item, client)
        return {"restored": True, **item.to_wire(), **answer}

    def delete(self, trash_id: str, client: Client | None) -> dict[str, Any]:
        """Remove one thing for good. Raises `NotFound`."""
        item = self.store.find(trash_id)
        size = self._size(item)
        self._purge(item)
        self._announce("emptied", [item], client)
        return {"deleted": 1, "bytes": size, "kept": 0}

    def empty(self, client: Client | None) -> dict[str, Any]:
        """Remove everything for good; what cannot be removed now stays, and is counted."""
        gone: list[TrashItem] = []
        items = self.store.items()
        size = 0
        for item in items:
            item_size = self._size(item)
            try:
                self._purge(item)
            except SessionError as error:  # one must not keep the others
                log.warning("%s stays in the trash: %s", item.name, error)
                continue
            gone.append(item)
            size += item_size
        self._announce("emptied", gone, client)
        return {"deleted": len(gone), "bytes": size, "kept": len(items) - len(gone)}

    def _purge(self, item: TrashItem) -> None:
        if keeper := self._keepers.get(item.kind):
            keeper.purge_trashed(item)
        self.store.remove(item.trash_id)
        self._sizes.pop(item.trash_id, None)

    def _size(self, item: TrashItem) -> int:
        if item.trash_id not in self._sizes:
            keeper = self._keepers.get(item.kind)
            outside = keeper.trashed_folder(item) if keeper else None
            size = self.store.size(item) + (size_of(outside) if outside else 0)
            self._sizes[item.trash_id] = size
        return self._sizes[item.trash_id]

    def _sweep_soon(self) -> None:
        """Drop what is out of bounds in the background: large folders take their time."""
        with self._lock:
            waits = self._sweep is not None and not self._sweep.done()
            if self._bounds.any and not self._closed and not waits:
                self._sweep = self._sweeper.submit(seen(self.sweep, "trash-sweep"))

    def sweep(self) -> None:
        """Drop what is older than the trash keeps, then the oldest until the rest fits."""
        now = time.time()
        items = sorted(self.store.items(), key=lambda item: item.kept_from)
        total = sum(map(self._size, items)) if self._bounds.max_bytes else 0
        for item in items:
            why = self._why_dropped(item, now, total)
            if self._closed or why is None:
                continue
            size = self._size(item)
            try:
                self._purge(item)
            except SessionError as error:  # one must not keep the others
                log.warning("%s stays in the trash: %s", item.name, error)
                continue
            total -= size
            log.info("Dropped from the trash: %s %s, %s", item.kind, item.name, why)
            self._dropped = [{**item.to_wire(), "bytes": size, "why": why}, *self._dropped][:TOLD]
            self._announce("dropped", [item], None)

    def _why_dropped(self, item: TrashItem, now: float, total: int) -> str | None:
        if now - item.kept_from < KEPT_S:
            return None
        if self._bounds.days and now - item.kept_from > self._bounds.days * DAY_S:
            return f"older than {self._bounds.days} days"
        return "the trash was full" if total > self._bounds.max_bytes > 0 else None

    def _announce(self, action: str, items: Sequence[TrashItem], client: Client | None) -> None:
        data = {
            "action": action,
            "items": [item.to_wire() for item in items],
            "by": client.to_wire() if client else None,
        }
        self._bus.publish(Event(EventName.TRASH_CHANGED, data))
