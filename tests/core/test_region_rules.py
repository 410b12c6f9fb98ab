"""Masks are checked against the rules between regions, and the right one gives way."""

from __future__ import annotations

import numpy as np
import pytest

from sam2_session.core.region_rules import RegionRules, Violations, mended, violations
from sam2_session.core.types import BoolMask

EXCLUSIVE = RegionRules("overall", ("shaft", "wrist"), exclusive=True)
INSIDE = RegionRules("overall", ("shaft", "wrist"), inside=True)
UNION = RegionRules("overall", ("shaft", "wrist"), union=True)
ALL = RegionRules("overall", ("shaft", "wrist"), inside=True, exclusive=True, union=True)


def row(first: int, last: int) -> BoolMask:
    mask = np.zeros((1, 10), np.bool_)
    mask[:, first : last + 1] = True
    return mask


MASKS = {"overall": row(2, 7), "shaft": row(0, 5), "wrist": row(4, 6)}


def changes(rules: RegionRules, *fixed: str, **masks: BoolMask) -> dict[str, list[int]]:
    """Mend masks; the pixels of those that changed."""
    after = mended(rules, masks or MASKS, frozenset(fixed))
    return {name: np.flatnonzero(mask[0]).tolist() for name, mask in after.items()}


@pytest.mark.parametrize("rules", [EXCLUSIVE, INSIDE, UNION, ALL])
def test_rules_survive_the_wire(rules: RegionRules) -> None:
    assert RegionRules.from_wire(rules.to_wire()) == rules


def test_only_rules_that_hold_are_broken() -> None:
    assert violations(EXCLUSIVE, MASKS) == Violations(shared=2)
    assert violations(INSIDE, MASKS) == Violations(outside=2)
    assert violations(UNION, MASKS) == Violations(outside=2, missing=1)
    assert violations(RegionRules("overall", ("shaft",)), MASKS) == Violations()


def test_a_whole_lacks_nothing_while_a_part_has_no_mask() -> None:
    assert violations(UNION, {"overall": row(0, 9), "shaft": row(0, 2)}) == Violations()
    assert violations(UNION, {"shaft": row(0, 2)}) == Violations()
    assert violations(ALL, {"overall": row(0, 9)}) == Violations()


@pytest.mark.parametrize("kind", ["outside", "shared", "missing"])
def test_one_pixel_is_a_violation(kind: str) -> None:
    assert Violations(**{kind: 1})
    assert not Violations()


def test_a_fixed_part_keeps_the_pixels_that_both_have() -> None:
    assert changes(EXCLUSIVE, "shaft") == {"wrist": [6]}
    assert changes(EXCLUSIVE, "wrist") == {"shaft": [0, 1, 2, 3]}
    assert changes(EXCLUSIVE, "shaft", "wrist") == {}


def test_of_parts_of_one_size_the_second_gives_way() -> None:
    assert changes(EXCLUSIVE, shaft=row(0, 3), wrist=row(2, 5)) == {"wrist": [4, 5]}
    assert changes(EXCLUSIVE, shaft=row(0, 2), wrist=row(2, 5)) == {"wrist": [3, 4, 5]}


def test_parts_that_stand_out_are_cut_but_for_a_fixed_one() -> None:
    assert changes(INSIDE) == {"shaft": [2, 3, 4, 5]}
    assert changes(INSIDE, "shaft") == {}
    assert changes(INSIDE, "overall") == {"shaft": [2, 3, 4, 5]}


def test_the_whole_becomes_its_parts_and_only_grows_while_one_is_missing() -> None:
    assert changes(UNION) == {"overall": [0, 1, 2, 3, 4, 5, 6]}
    assert changes(UNION, overall=row(2, 7), shaft=row(0, 3)) == {"overall": list(range(8))}
    assert changes(UNION, "overall") == {"shaft": [2, 3, 4, 5]}
