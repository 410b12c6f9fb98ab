"""Regions are numbered in the order of the configuration."""

from __future__ import annotations

from sam2_session.formats.exporting.region_numbers import region_numbers
from tests.formats.drawn_source import PAIRS


def test_used_regions_are_numbered_from_1() -> None:
    assert region_numbers(reversed(PAIRS)) == {"overall": 1, "shaft": 2}
