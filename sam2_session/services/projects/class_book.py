"""Classes of instances, such as "needle driver": those of configs/regions.yaml, then added ones."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sam2_session.core.errors import ClassNotFound, Conflict
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import require_name
from sam2_session.runtime import Lock
from sam2_session.storage import atomic
from sam2_session.storage.documents import parse_document
from sam2_session.storage.lock import shared_file
from sam2_session.storage.workspace import Workspace

log = logging.getLogger(__name__)

MAX_CLASSES = 200


class ClassBook:
    """Lists, adds and removes classes; instances keep a class that is removed from the list."""

    def __init__(
        self, workspace: Workspace, configured: tuple[str, ...], bus: EventBus | None = None
    ) -> None:
        self._path = workspace.classes_path
        self._configured = configured
        self._bus = bus
        self._lock = Lock()
        self._added, self._removed = self._read() or ((), frozenset())

    @property
    def all(self) -> tuple[str, ...]:
        """Classes in the order of the page, without removed ones."""
        known = dict.fromkeys((*self._configured, *self._added))
        return tuple(name for name in known if name not in self._removed)

    def list(self) -> dict[str, Any]:
        """Return ``{classes}``."""
        return {"classes": [{"name": name} for name in self.all]}

    def require(self, name: str) -> None:
        """Raise `ClassNotFound` for a class that is not in the list."""
        if name not in self.all:
            raise ClassNotFound(name)

    def add(self, name: str) -> dict[str, Any]:
        """Add a class, or bring a removed one back. Raises `Conflict` if it is there."""
        text = _checked(name)
        with self._changing():
            same = [known for known in self.all if known.casefold() == text.casefold()]
            if same:
                raise Conflict(f"There is a class {same[0]!r} already.", hint="Choose that one.")
            if len(self.all) >= MAX_CLASSES:
                raise Conflict(f"{MAX_CLASSES} classes are the most.", hint="Remove one of them.")
            self._save((*self._added, text), self._removed - {text})
        return {"name": text}

    def remove(self, name: str) -> dict[str, Any]:
        """Take a class off the list; `add` brings it back. Raises `ClassNotFound`."""
        with self._changing():
            self.require(name)
            self._save(self._added, self._removed | {name})
        return {"deleted": True, "name": name}

    def include(self, names: Iterable[str]) -> None:
        """Add the classes of an import that are missing, as far as the list has room."""
        with self._changing():
            known = self.all
            missing = [name for name in dict.fromkeys(names) if name not in known]
            fitting = missing[: MAX_CLASSES - len(known)]
            if fitting:
                self._save((*self._added, *fitting), self._removed - set(fitting))

    def reread(self) -> None:
        """Take in what another process of a cluster changed."""
        with self._changing():
            log.debug("read again")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep this and every other server from changing the list; read what they made of it."""
        with self._lock, shared_file(self._path):
            self._added, self._removed = self._read() or (self._added, self._removed)
            yield

    def _save(self, added: Iterable[str], removed: frozenset[str]) -> None:
        names = tuple(dict.fromkeys(added))
        document = {"schema_version": 1, "classes": list(names), "removed": sorted(removed)}
        atomic.write_json(self._path, document)
        self._added, self._removed = names, removed
        if self._bus is not None:
            self._bus.publish(Event(EventName.CLASSES_CHANGED, self.list()))

    def _read(self) -> tuple[tuple[str, ...], frozenset[str]] | None:
        return parse_document(self._path, _lists)


def _lists(document: dict[str, Any]) -> tuple[tuple[str, ...], frozenset[str]]:
    added = tuple(_checked(name) for name in document["classes"])
    return added, frozenset(map(str, document.get("removed", ())))


def _checked(name: object) -> str:
    require_name("name", name)
    return str(name).strip()
