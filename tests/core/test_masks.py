"""Measures of masks."""

from __future__ import annotations

import numpy as np

from sam2_session.core.mask_traits import MaskTraits, TraitColumns
from sam2_session.core.masks import MaskFacts, mask_facts, overlap_of

EMPTY = np.zeros((4, 6), bool)


def filled(rows: slice, columns: slice) -> np.ndarray:
    mask = EMPTY.copy()
    mask[rows, columns] = True
    return mask


def test_the_box_of_a_mask_is_tight_and_ends_behind_it() -> None:
    facts = mask_facts(filled(slice(1, 3), slice(2, 5)))

    assert facts == MaskFacts(6, (2, 1, 5, 3))
    assert facts.to_wire() == {"area": 6, "box": [2, 1, 5, 3]}


def test_the_box_spans_pieces_apart() -> None:
    mask = filled(slice(0, 1), slice(5, 6)) | filled(slice(3, 4), slice(0, 1))

    assert mask_facts(mask) == MaskFacts(2, (0, 0, 6, 4))


def test_an_empty_mask_has_no_box() -> None:
    assert mask_facts(EMPTY) == MaskFacts(0, None)
    assert mask_facts(EMPTY).to_wire() == {"area": 0, "box": None}


def test_the_overlap_is_intersection_over_union() -> None:
    left, right = filled(slice(0, 4), slice(0, 3)), filled(slice(0, 4), slice(2, 5))

    assert overlap_of(left, right) == 4 / 20
    assert overlap_of(left, left) == 1
    assert overlap_of(left, EMPTY) == 0
    assert overlap_of(EMPTY, EMPTY) == 1


def test_traits_survive_the_database() -> None:
    cells, colours = bytes(range(MaskTraits.GRID**2 // 8)), bytes(range(MaskTraits.BINS))

    for facts in (MaskFacts(2**33, (1, 2, 3, 4)), MaskFacts(0, None)):
        traits = MaskTraits(facts, 3, cells, colours)
        packed = [traits.pack(), MaskTraits(facts, 3, cells, b"").pack()]
        read = TraitColumns.unpack([7, 9], packed)
        assert (read.frames.tolist(), read.areas.tolist()) == ([7, 9], [facts.area] * 2)
        assert read.boxes.tolist() == [[*(facts.box or (0, 0, 0, 0))]] * 2
        assert read.pieces.ravel().tolist() == [3, 3]
        assert [bytes(row) for row in read.cells] == [cells, cells]
        assert bytes(read.colours[0]) == colours
        assert read.coloured.tolist() == [True, False]


def test_more_pieces_than_a_byte_holds_are_the_most_it_holds() -> None:
    cells = bytes(MaskTraits.GRID**2 // 8)

    packed = [MaskTraits(MaskFacts(1, (0, 0, 1, 1)), n, cells, b"").pack() for n in (255, 999)]
    assert TraitColumns.unpack([0, 1], packed).pieces.ravel().tolist() == [255, 255]
