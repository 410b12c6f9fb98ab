"""Rules between the regions of one instance: parts, and the whole that they make up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.types import BoolMask

Masks = Mapping[str, BoolMask]  # by region, all of one frame and instance
Logits = Mapping[str, npt.NDArray[np.float32]]  # (h, w) by region, where a run left some


@dataclass(frozen=True, slots=True)
class RegionRules:
    """Rules that hold: `inside`, parts lie in the whole; `exclusive`, no pixel is in two parts;
    `union`, the whole is all of its parts together.
    """

    whole: str
    parts: tuple[str, ...]
    inside: bool = False
    exclusive: bool = False
    union: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that a rule names."""
        return (self.whole, *self.parts)

    def to_wire(self) -> dict[str, Any]:
        """Describe them for pages and for the file of the workspace."""
        flags = {"inside": self.inside, "exclusive": self.exclusive, "union": self.union}
        return {"whole": self.whole, "parts": list(self.parts), **flags}

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> RegionRules:
        """Read what `to_wire` wrote."""
        flags = {name: bool(data[name]) for name in ("inside", "exclusive", "union")}
        return cls(str(data["whole"]), tuple(map(str, data["parts"])), **flags)


@dataclass(frozen=True, slots=True)
class Violations:
    """Pixels of a frame that break a rule: of parts `outside` of the whole, `shared` by parts, and
    `missing` from the parts that are to make up the whole.
    """

    outside: int = 0
    shared: int = 0
    missing: int = 0

    def __bool__(self) -> bool:
        return bool(self.outside or self.shared or self.missing)


def violations(rules: RegionRules, masks: Masks) -> Violations:
    """Count the pixels that break a rule; a region without a mask breaks none."""
    parts = [masks[name] for name in rules.parts if name in masks]
    whole = masks.get(rules.whole)
    if not parts:
        return Violations()
    together = np.any(parts, axis=0)
    outside = shared = missing = 0
    if rules.exclusive:
        shared = int(np.count_nonzero(np.sum(parts, axis=0, dtype=np.uint8) > 1))
    if whole is not None and (rules.inside or rules.union):
        outside = int(np.count_nonzero(together & ~whole))
    if whole is not None and rules.union and len(parts) == len(rules.parts):
        missing = int(np.count_nonzero(whole & ~together))
    return Violations(outside, shared, missing)


def mended(
    rules: RegionRules, masks: Masks, fixed: frozenset[str], logits: Logits | None = None
) -> dict[str, BoolMask]:
    """Return the masks that have to change for the rules to hold; `fixed` ones never do.

    A pixel in two parts stays with a fixed one, else with the part of which the model is surer
    (`logits`, where both have some), else with the part that has fewer pixels. With `union` the
    whole becomes all of its parts together; else parts lose what lies outside of it. A fixed whole
    is never changed: then the parts lose what lies outside of it.
    """
    after = {name: masks[name].copy() for name in rules.regions if name in masks}
    parts = [name for name in rules.parts if name in after]
    if rules.exclusive:
        for one, other in combinations(parts, 2):
            _part(after, (one, other), fixed, logits or {})
    if rules.whole in after and parts:
        _fit_whole(rules, after, parts, fixed)
    return {name: mask for name, mask in after.items() if not np.array_equal(mask, masks[name])}


def _part(
    after: dict[str, BoolMask], pair: tuple[str, str], fixed: frozenset[str], logits: Logits
) -> None:
    """Let one of two parts lose each pixel that both have."""
    one, other = pair
    both = after[one] & after[other]
    if one in fixed or other in fixed:
        loses = np.full(both.shape, other in fixed)
    elif one in logits and other in logits:
        loses = logits[one] < logits[other]
    else:
        loses = np.full(both.shape, after[one].sum() > after[other].sum())
    if one not in fixed:
        after[one] &= ~(both & loses)
    if other not in fixed:
        after[other] &= ~(both & ~loses)


def _fit_whole(
    rules: RegionRules, after: dict[str, BoolMask], parts: Sequence[str], fixed: frozenset[str]
) -> None:
    """Let the whole follow its parts, or its parts the whole."""
    together = np.any([after[name] for name in parts], axis=0)
    if rules.union and rules.whole not in fixed:
        complete = len(parts) == len(rules.parts)
        after[rules.whole] = together if complete else after[rules.whole] | together
    elif rules.inside or rules.union:
        for name in parts:
            if name not in fixed:
                after[name] &= after[rules.whole]
