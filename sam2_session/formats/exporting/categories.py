"""Categories of an export: the region of a mask, the class of its instance, or both."""

from __future__ import annotations

from collections.abc import Iterable

from sam2_session.formats.exporting.export import Export
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.source import Pair

REGION, CLASS, BOTH = "region", "class", "both"
UNCLASSIFIED = "unclassified"
CATEGORY = FormatOption(
    "category",
    REGION,
    "region: the region's name; class: the class of the instance; both: needle driver/shaft.",
    choices=(REGION, CLASS, BOTH),
)


class Categories:
    """Names and numbers the categories of the chosen pairs, as the option `category` says."""

    def __init__(self, pairs: Iterable[Pair], by: str = REGION) -> None:
        self._by = by
        order = {self.of(pair): self._place(pair) for pair in pairs}
        self.names = tuple(sorted(order, key=lambda name: order[name]))

    @classmethod
    def of_export(cls, export: Export) -> Categories:
        """Read the option; tell of the instances whose class is asked for but not set."""
        made = cls(export.source.pairs, str(export.options[CATEGORY.name]))
        instances = {pair.instance_id: pair.instance for pair in export.source.pairs}
        bare = [row for row in instances.values() if not row.class_name]
        if made._by != REGION and bare:
            named = UNCLASSIFIED if made._by == CLASS else "named by their region alone"
            export.remarks.add(f"instances without a class, which are {named}", len(bare))
        return made

    def of(self, pair: Pair) -> str:
        """Name the category of a pair."""
        class_name = pair.instance.class_name
        if self._by == REGION or (self._by == BOTH and not class_name):
            return pair.region
        if self._by == CLASS:
            return class_name or UNCLASSIFIED
        return f"{class_name}/{pair.region}"

    @property
    def numbers(self) -> dict[str, int]:
        """The categories numbered from 1: regions in the order of the page, classes by name."""
        return {name: number for number, name in enumerate(self.names, start=1)}

    def _place(self, pair: Pair) -> tuple[bool, str, int, str]:
        """Sort by class, then by the order of regions; what has no class comes last."""
        class_name = "" if self._by == REGION else pair.instance.class_name or ""
        is_last = self._by != REGION and not class_name
        region_at = -1 if self._by == CLASS else pair.region_at
        return is_last, class_name.casefold(), region_at, self.of(pair)
