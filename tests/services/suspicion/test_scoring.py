"""Suspicion finds planted faults, says why, and lets clean masks be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.planted import FAULTS
from benchmarks.suspicion import GOALS, mask_columns, tally, trait_columns
from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.formats.shapes.mask_traits import traits_of
from sam2_session.services.suspicion.overlaps import overlap_doubts, overlaps
from sam2_session.services.suspicion.pair_measures import measure
from sam2_session.services.suspicion.scoring import SUSPECT, Suspicion, score
from sam2_session.storage.mask_rows import MaskRow

SIZE_HW = (100, 200)


def disc(x: float, radius: float = 20, y: float = 50) -> np.ndarray:
    ys, xs = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
    return np.asarray((xs - x) ** 2 + (ys - y) ** 2 < radius**2)


def scored(
    masks: list[np.ndarray],
    scores: dict[int, float] | None = None,
    agreements: dict[int, float] | None = None,
) -> Suspicion:
    traits = {idx: traits_of(mask_hw, None) for idx, mask_hw in enumerate(masks)}
    rows = [
        MaskRow(idx, 1, MaskSource.PROPAGATED, found.facts, 1, (scores or {}).get(idx, 6.0))
        for idx, found in traits.items()
    ]
    rows = [replace(row, agreement=(agreements or {}).get(row.frame_idx)) for row in rows]
    return score_of(rows, traits)


def score_of(rows: Sequence[MaskRow], traits: Mapping[int, MaskTraits]) -> Suspicion:
    return score(measure(mask_columns(rows), trait_columns(traits), SIZE_HW))


def moving() -> list[np.ndarray]:
    return [disc(40 + 2 * idx) for idx in range(40)]


def test_a_steady_object_is_not_suspicious() -> None:
    assert scored(moving()).scores.max() < SUSPECT


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (disc(80, radius=10), r"area fell by 7\d %"),
        (disc(110), r"30 px away from where its neighbours put it"),
        (np.zeros(SIZE_HW, np.bool_), "empty between masks that are not"),
    ],
)
def test_a_fault_is_found_and_named(fault: np.ndarray, reason: str) -> None:
    masks = moving()
    masks[20] = fault

    suspicion = scored(masks)

    assert suspicion.scores[20] >= SUSPECT
    assert int(suspicion.scores.argmax()) == 20
    assert re.search(reason, suspicion.reasons(20)[0])


def test_an_unsure_model_and_a_second_piece_are_doubts() -> None:
    masks = moving()
    masks[10] |= disc(masks[10].nonzero()[1].max() + 20, radius=6)

    suspicion = scored(masks, {30: -1.0})

    assert "the model is unsure (score -1.0)" in suspicion.reasons(30)
    assert "in 2 pieces, 1 before and after" in suspicion.reasons(10)


def test_a_mask_on_which_the_sides_of_a_fill_disagree_is_a_doubt() -> None:
    suspicion = scored(moving(), agreements={20: 0.31, 21: 0.9})

    assert [idx for idx, value in enumerate(suspicion.scores) if value >= SUSPECT] == [20]
    assert suspicion.reasons(20) == ["the two sides of the fill disagree (IoU 0.31)"]


def test_masks_without_measures_are_scored_by_area_and_box() -> None:
    rows = [
        MaskRow(idx, 1, MaskSource.PROPAGATED, MaskFacts(900, (idx, 0, idx + 30, 30)), 1, 5.0)
        for idx in range(20)
    ]
    rows[8] = MaskRow(8, 1, MaskSource.PROPAGATED, MaskFacts(100, (8, 0, 18, 10)), 1, 5.0)

    assert int(score_of(rows, {}).scores.argmax()) == 8


def test_traits_tell_what_two_masks_share() -> None:
    one, other, apart = (traits_of(disc(x), None) for x in (50, 70, 150))

    both = (disc(50) & disc(70)).sum() / disc(50).sum()
    ones, others = trait_columns({0: one, 1: one}), trait_columns({0: other, 1: apart})
    assert overlaps(ones, others) == pytest.approx([both, 0], abs=0.05)


def test_planted_faults_are_among_the_worst_tenth() -> None:
    counts = tally(1)

    assert set(counts.planted) == set(FAULTS)
    assert counts.recall >= GOALS["recall"], counts
    assert counts.false_alarms <= GOALS["false_alarms"], counts


def test_an_object_that_vanishes_inside_of_the_picture_is_a_suspect_though_it_stays_away() -> None:
    masks = [*moving()[:20], *[np.zeros(SIZE_HW, np.bool_)] * 20]

    scores = scored(masks).scores

    assert scores[20:].min() >= SUSPECT  # it may have come back on any of these frames


def test_an_empty_mask_that_was_approved_says_nothing_of_later_ones() -> None:
    masks = [*moving()[:20], *[np.zeros(SIZE_HW, np.bool_)] * 20]

    assert suspects_after(masks, {30}) == [*range(31, 40)]


def test_an_object_that_leaves_over_the_border_is_none() -> None:
    masks = [disc(100 + 8 * idx) for idx in range(30)]
    gone = next(idx for idx, mask_hw in enumerate(masks) if not mask_hw.any())

    assert scored(masks).scores[gone:].max() < SUSPECT


def test_a_mask_like_a_reviewed_one_beside_it_is_no_suspect() -> None:
    masks = moving()
    masks[20] = disc(80, radius=12)
    masks[21] = disc(82, radius=12)
    traits = {idx: traits_of(mask_hw, None) for idx, mask_hw in enumerate(masks)}
    rows = [
        MaskRow(idx, 1, MaskSource.PROPAGATED, found.facts, 1, 6.0, approved=idx == 20)
        for idx, found in traits.items()
    ]

    before, after = scored(masks), score_of(rows, traits)

    assert before.scores[21] >= SUSPECT
    assert after.scores[21] < SUSPECT
    assert after.scores[22:].tolist() == before.scores[22:].tolist()  # not like it


def suspects_after(masks: list[np.ndarray], approved: set[int]) -> list[int]:
    traits = {idx: traits_of(mask_hw, None) for idx, mask_hw in enumerate(masks)}
    rows = [
        MaskRow(idx, 1, MaskSource.PROPAGATED, found.facts, 1, 6.0, approved=idx in approved)
        for idx, found in traits.items()
    ]
    return np.flatnonzero(score_of(rows, traits).scores >= SUSPECT).tolist()


def hidden_for_a_while() -> list[np.ndarray]:
    """A disc that goes behind something and comes out again, and a fault that is none of that."""
    masks = [disc(40 + idx) for idx in range(80)]
    for step, idx in enumerate(range(15, 36)):
        masks[idx] = disc(40 + idx, radius=20 - 0.9 * min(step, 20 - step))
    masks[60] = disc(100, radius=10)
    return masks


def test_a_stretch_of_suspects_is_looked_at_once() -> None:
    masks = hidden_for_a_while()

    before = suspects_after(masks, set())
    after = suspects_after(masks, {25})

    assert len([idx for idx in before if idx < 45]) >= 9
    assert after == [60]


def test_what_is_found_right_says_nothing_of_masks_behind_a_jump() -> None:
    masks = hidden_for_a_while()
    masks[32] = masks[33] = disc(150, radius=12)

    after = suspects_after(masks, {25})

    assert {32, 33, 60} <= set(after)
    assert min(after) >= 32


def test_masks_that_lie_in_one_place_for_long_are_suspects_all_the_time() -> None:
    key, other = SessionKey("v", 1, "overall"), SessionKey("v", 2, "overall")
    own = trait_columns({idx: traits_of(disc(60), None) for idx in range(80)})
    beside = trait_columns({idx: traits_of(disc(64), None) for idx in range(80)})

    doubt = overlap_doubts(key, own.frames, {key: own, other: beside})

    assert doubt.values.min() >= SUSPECT
