"""Keeps the rules between regions: those of configs/regions.yaml, or as people chose them."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.core.region_rules import RegionRules
from sam2_session.runtime import Lock
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.storage import atomic
from sam2_session.storage.documents import parse_document
from sam2_session.storage.lock import shared_file
from sam2_session.storage.workspace import Workspace


class RuleBook:
    """Reads and changes the rules of a workspace; every change is announced to everybody."""

    def __init__(
        self,
        workspace: Workspace,
        configured: RegionRules | None,
        regions: RegionBook,
        bus: EventBus,
    ) -> None:
        self._path = workspace.region_rules_path
        self._regions = regions
        self._bus = bus
        self._lock = Lock()
        self._rules = configured
        self._read()

    @property
    def rules(self) -> RegionRules | None:
        """The rules that hold; None: nothing breaks one."""
        return self._rules

    def to_wire(self) -> dict[str, Any]:
        """Return ``{rules}``, null without any."""
        return {"rules": None if self._rules is None else self._rules.to_wire()}

    def change(self, rules: RegionRules | None) -> dict[str, Any]:
        """Let these rules hold from now on, None for none. Raises `InvalidRequest`."""
        if rules is not None:
            self._require_known(rules)
        with self._lock, shared_file(self._path):
            document = {"schema_version": 1, "rules": rules.to_wire() if rules else None}
            atomic.write_json(self._path, document)
            self._rules = rules
        self._bus.publish(Event(EventName.REGION_RULES_CHANGED, self.to_wire()))
        return self.to_wire()

    def reread(self) -> None:
        """Take in what another process of a cluster changed."""
        with self._lock, shared_file(self._path):
            self._read()

    def _require_known(self, rules: RegionRules) -> None:
        names = {region.name for region in self._regions.all}
        unknown = [name for name in rules.regions if name not in names]
        if unknown:
            raise InvalidRequest(f"There is no region {unknown[0]!r}.", hint="Choose one in use.")
        if not rules.parts or rules.whole in rules.parts:
            raise InvalidRequest(
                "A rule needs a whole, and other regions as its parts.", hint="Choose a part."
            )
        if not (rules.inside or rules.exclusive or rules.union):
            raise InvalidRequest("No rule was chosen.", hint="Choose one, or remove the rules.")

    def _read(self) -> None:
        found = parse_document(self._path, _rules)
        self._rules = self._rules if found is None else found[0]


def _rules(document: dict[str, Any]) -> tuple[RegionRules | None]:
    """Return the rules; None: people chose to have none."""
    found = document["rules"]
    return (None if found is None else RegionRules.from_wire(found),)
