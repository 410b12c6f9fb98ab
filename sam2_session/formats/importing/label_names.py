"""What a label of somebody else's says: which instance it may be, and which region."""

from __future__ import annotations

import re
from collections.abc import Sequence

SEPARATOR = re.compile(r"[\s_:/.-]+")


def split_label(label: str, regions: Sequence[str]) -> tuple[str | None, str | None]:
    """(instance, region) of ``tool1_shaft`` or ``shaft 2``; None for what it does not say.

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


def whose(label: str, text: str | None, regions: Sequence[str]) -> tuple[str | None, str | None]:
    """(group, region) of a shape by its label and by what is written about it.

    What is written names the instance; the label names the region, and may name both.
    """
    group, region = split_label(label, regions)
    if text:
        said, part = split_label(text, regions)
        group = said if part else text
        region = part or region
    return group, region


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in nothing but case, spaces and punctuation."""
    return _plain(one) == _plain(other) != ""


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
