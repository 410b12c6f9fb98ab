"""Splits labels of other tools into an instance name and a region."""

from __future__ import annotations

import re
from collections.abc import Sequence

SEPARATOR = re.compile(r"[\s_:/.-]+")


def split_label(label: str, regions: Sequence[str]) -> tuple[str | None, str | None]:
    """Split ``tool1_shaft`` or ``shaft 2`` into (instance, region); None for a missing part.

    >>> split_label("tool1_shaft", ("overall", "shaft"))
    ('tool1', 'shaft')
    """
    parts = [part for part in SEPARATOR.split(label.strip()) if part]
    slugs = {region.casefold(): region for region in regions}
    whole = "_".join(parts).casefold()
    if whole in slugs:
        return None, slugs[whole]
    for at in range(1, len(parts)):
        head, tail = "_".join(parts[:at]), "_".join(parts[at:])
        if tail.casefold() in slugs:
            return head, slugs[tail.casefold()]
        if head.casefold() in slugs:
            return tail, slugs[head.casefold()]
    return None, None


def instance_and_region(
    label: str, text: str | None, regions: Sequence[str]
) -> tuple[str | None, str | None]:
    """Find (instance, region) of a shape from its label and the text written on it.

    The text names the instance; the label names the region, or both.
    """
    instance, region = split_label(label, regions)
    if text:
        text_instance, text_region = split_label(text, regions)
        instance = text_instance if text_region else text
        region = text_region or region
    return instance, region


def same_name(name: str, other: str) -> bool:
    """Return whether two names differ only in case, spaces and punctuation."""
    return _plain(name) == _plain(other) != ""


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
