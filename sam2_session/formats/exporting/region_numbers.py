"""Numbers the regions of an export, for formats whose classes are numbers."""

from __future__ import annotations

from collections.abc import Iterable

from sam2_session.formats.exporting.source import Pair


def region_numbers(pairs: Iterable[Pair]) -> dict[str, int]:
    """Number the regions that are used from 1, in the order of configs/regions.yaml."""
    used = sorted({(pair.region_at, pair.region) for pair in pairs})
    return {region: number for number, (_, region) in enumerate(used, start=1)}
