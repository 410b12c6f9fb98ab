"""Regions of a workspace: those of configs/regions.yaml, then those people added."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sam2_session.core.clients import Client
from sam2_session.core.errors import Conflict, InvalidRequest, RegionNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import require_name
from sam2_session.runtime import Lock
from sam2_session.services.projects.region_use import videos_in_region
from sam2_session.services.projects.regions import Region
from sam2_session.services.trash.trash import Trash
from sam2_session.storage import atomic
from sam2_session.storage.documents import parse_document
from sam2_session.storage.lock import shared_file
from sam2_session.storage.trash import TrashItem, TrashKind
from sam2_session.storage.workspace import Workspace

log = logging.getLogger(__name__)

MAX_REGIONS = 64
MAX_SLUG = 40
NAMED_VIDEOS = 3


class RegionBook:
    """Adds, renames, deletes and restores regions; a name is a folder's and never changes."""

    def __init__(
        self,
        workspace: Workspace,
        configured: tuple[Region, ...],
        bus: EventBus | None = None,
        trash: Trash | None = None,
    ) -> None:
        self._trash = trash
        if trash is not None:
            trash.register(TrashKind.REGION, self)
        self._workspace = workspace
        self._configured = configured
        self._bus = bus
        self._lock = Lock()
        self._finish_files: Callable[[], None] = lambda: None
        # labels by name, of added and of relabelled ones; names of those that are deleted
        self._own, self._deleted = self._read() or ({}, frozenset())

    def before_reading(self, finish_files: Callable[[], None]) -> None:
        """Call this before files of videos are read; those of open ones may be on their way."""
        self._finish_files = finish_files

    @property
    def all(self) -> tuple[Region, ...]:
        """Regions in the order of the page, without deleted ones."""
        return tuple(region for region in self._known() if region.name not in self._deleted)

    def _known(self) -> tuple[Region, ...]:
        own = self._own
        known = [
            Region(region.name, own.get(region.name, region.label)) for region in self._configured
        ]
        names = {region.name for region in known}
        return (*known, *(Region(name, label) for name, label in own.items() if name not in names))

    def list(self) -> dict[str, Any]:
        """Return ``{regions}``."""
        return {"regions": [region.to_wire() for region in self.all]}

    def add(self, label: object) -> dict[str, Any]:
        """Add a region named after its label. Raises `Conflict` if it exists.

        A deleted region of that name comes back with this label.
        """
        text = _checked(label)
        name = slug_of(text)
        with self._changing():
            regions = self.all
            taken = {region.name for region in regions}
            taken |= {region.label.casefold() for region in regions}
            if name in taken or text.casefold() in taken:
                raise Conflict(f"There is a region {text!r} already.", hint="Choose another name.")
            if len(self.all) >= MAX_REGIONS:
                raise Conflict(f"{MAX_REGIONS} regions are the most.", hint="Rename one of them.")
            self._save({**self._own, name: text}, self._deleted - {name})
        self._came_back(name, None)
        return Region(name, text).to_wire()

    def update(
        self,
        name: str,
        label: object = None,
        deleted: object = None,
        client: Client | None = None,
    ) -> dict[str, Any]:
        """Change a region's label, or bring a deleted region back.

        ``deleted: false`` without a label keeps the label it had.
        """
        if deleted not in (None, False):
            raise InvalidRequest("PATCH brings regions back.", hint="Use DELETE to delete one.")
        with self._changing():
            known = {region.name: region.label for region in self._known()}
            there = set(known) if deleted is False else {region.name for region in self.all}
            if name not in there:
                raise RegionNotFound(str(name)[:80])
            text = known[name] if label is None and deleted is False else _checked(label)
            if any(
                other.name != name and other.label.casefold() == text.casefold()
                for other in self.all
            ):
                raise Conflict(f"Another region is called {text!r}.", hint="Choose another name.")
            self._save({**self._own, name: text}, self._deleted - {name})
        self._came_back(name, client)
        return Region(name, text).to_wire()

    def delete(self, name: str, client: Client | None = None) -> dict[str, Any]:
        """Delete a region that no video uses; the trash brings it back.

        Raises `Conflict` if a video has prompts or masks in it, and for the last region.
        """
        self._finish_files()
        with self._changing():
            region = next((known for known in self.all if known.name == name), None)
            if region is None:
                raise RegionNotFound(str(name)[:80])
            if len(self.all) == 1:
                raise Conflict("One region must stay.", hint="Add another one first.")
            if used := videos_in_region(self._workspace, name):
                raise Conflict(
                    f"{region.label!r} has prompts or masks in {_listed(used)}.",
                    hint="Clear its prompts and drop its masks there first, or only hide it.",
                )
            self._save(self._own, self._deleted | {name})
        return {"deleted": True, **region.to_wire(), **self._put_away(region, client)}

    def reread(self) -> None:
        """Take in what another process of a cluster changed."""
        with self._changing():
            log.debug("read again")

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep this and every other server from changing the list; read what they made of it."""
        with self._lock, shared_file(self._workspace.regions_path):
            self._own, self._deleted = self._read() or (self._own, self._deleted)
            yield

    def restore_trashed(self, item: TrashItem, client: Client | None) -> dict[str, Any]:
        """Bring a deleted region back, for the trash."""
        return self.update(item.details["region"], None, False, client)

    def purge_trashed(self, item: TrashItem) -> None:
        """Forget an added region; one of configs/regions.yaml stays off the list."""
        name = item.details["region"]
        configured = {region.name for region in self._configured}
        with self._changing():
            if name in self._deleted and name not in configured:
                own = {known: label for known, label in self._own.items() if known != name}
                self._save(own, self._deleted - {name})

    def trashed_folder(self, item: TrashItem) -> Path | None:
        """Return None: a deleted region has no files."""
        return None

    def _put_away(self, region: Region, client: Client | None) -> dict[str, Any]:
        if self._trash is None:
            return {}
        folder, kind = self._trash.store.new_folder("region"), TrashKind.REGION
        item = self._trash.put(
            folder, kind, region.label, video_id=None, client=client, region=region.name
        )
        return {"trash_id": item.trash_id}

    def _came_back(self, name: str, client: Client | None) -> None:
        if self._trash is not None:
            item = self._trash.find_of(TrashKind.REGION, None, region=name)
            self._trash.forget(item, client)

    def _save(self, own: dict[str, str], deleted: frozenset[str]) -> None:
        document = {"schema_version": 1, "regions": own, "deleted": sorted(deleted)}
        atomic.write_json(self._workspace.regions_path, document)
        self._own, self._deleted = own, deleted
        if self._bus is not None:
            self._bus.publish(Event(EventName.REGIONS_CHANGED, self.list()))

    def _read(self) -> tuple[dict[str, str], frozenset[str]] | None:
        return parse_document(self._workspace.regions_path, _lists)


def slug_of(label: str) -> str:
    """Turn ``"Left jaw (open)"`` into ``left_jaw_open``. Raises `InvalidRequest` if empty."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:MAX_SLUG].strip("_")
    if not slug:
        raise InvalidRequest(
            "A region's name needs a letter a to z or a digit.", hint="It names a folder, too."
        )
    return slug


def _lists(document: dict[str, Any]) -> tuple[dict[str, str], frozenset[str]]:
    rows = document["regions"].items()
    own = {Region(name, label).name: _checked(label) for name, label in rows}
    return own, frozenset(map(str, document.get("deleted", ())))


def _listed(videos: list[str]) -> str:
    named = ", ".join(videos[:NAMED_VIDEOS])
    more = len(videos) - NAMED_VIDEOS
    return f"{named} and {more} more" if more > 0 else named


def _checked(label: object) -> str:
    require_name("label", label)
    return str(label).strip()
