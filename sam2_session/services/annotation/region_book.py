"""All regions: those of configs/regions.yaml, then those that people added to the workspace."""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from typing import Any

from sam2_session.core.errors import Conflict, InvalidRequest, RegionNotFound
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.types import require_name
from sam2_session.runtime import Lock
from sam2_session.services.annotation.regions import Region
from sam2_session.storage import atomic
from sam2_session.storage.workspace import Workspace

log = logging.getLogger(__name__)

MAX_REGIONS = 64
MAX_SLUG = 40


class RegionBook:
    """A region's name is a folder's and stays; its label is for people and can change."""

    def __init__(
        self, workspace: Workspace, configured: tuple[Region, ...], bus: EventBus | None = None
    ) -> None:
        self._path = workspace.regions_path
        self._configured = configured
        self._bus = bus
        self._lock = Lock()
        self._own = self._read()  # labels by name, of added and of relabelled ones

    @property
    def all(self) -> tuple[Region, ...]:
        """In the order of the page."""
        own = self._own
        known = [Region(one.name, own.get(one.name, one.label)) for one in self._configured]
        names = {one.name for one in known}
        return (*known, *(Region(name, label) for name, label in own.items() if name not in names))

    def list(self) -> dict[str, Any]:
        """``{regions}``."""
        return {"regions": [region.to_wire() for region in self.all]}

    def add(self, label: object) -> dict[str, Any]:
        """Make a region; its name follows from the label. Raises Conflict for one that is there."""
        text = _checked(label)
        name = slug_of(text)
        with self._lock:
            taken = {one.name for one in self.all} | {one.label.casefold() for one in self.all}
            if name in taken or text.casefold() in taken:
                raise Conflict(f"There is a region {text!r} already.", hint="Choose another name.")
            if len(self.all) >= MAX_REGIONS:
                raise Conflict(f"{MAX_REGIONS} regions are the most.", hint="Rename one of them.")
            self._save({**self._own, name: text})
        return Region(name, text).to_wire()

    def relabel(self, name: str, label: object) -> dict[str, Any]:
        """What people call a region from now on; files keep its name."""
        text = _checked(label)
        with self._lock:
            if name not in {one.name for one in self.all}:
                raise RegionNotFound(str(name)[:80])
            if any(
                one.name != name and one.label.casefold() == text.casefold() for one in self.all
            ):
                raise Conflict(f"Another region is called {text!r}.", hint="Choose another name.")
            self._save({**self._own, name: text})
        return Region(name, text).to_wire()

    def _save(self, own: dict[str, str]) -> None:
        atomic.write_json(self._path, {"schema_version": 1, "regions": own})
        self._own = own
        if self._bus is not None:
            self._bus.publish(Event(EventName.REGIONS_CHANGED, self.list()))

    def _read(self) -> dict[str, str]:
        try:
            rows = json.loads(self._path.read_bytes())["regions"].items()
            return {Region(name, label).name: _checked(label) for name, label in rows}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError, InvalidRequest) as error:
            log.warning("%s cannot be read and is left alone: %s", self._path.name, error)
            return {}


def slug_of(label: str) -> str:
    """``"Left jaw (open)"`` as ``left_jaw_open``. Raises InvalidRequest if nothing is left."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:MAX_SLUG].strip("_")
    if not slug:
        raise InvalidRequest(
            "A region's name needs a letter a to z or a digit.", hint="It names a folder, too."
        )
    return slug


def _checked(label: object) -> str:
    require_name("label", label)
    return str(label).strip()
