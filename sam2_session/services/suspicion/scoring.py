"""Scores the masks of one pair: how far each is from what its neighbours promise, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sam2_session.core.two_sides import LEAST_AGREEMENT
from sam2_session.services.suspicion.neighbours import (
    between,
    median,
    usual_colours,
    windows,
    without_middle,
)
from sam2_session.services.suspicion.pair_measures import Bools, Floats, PairMeasures
from sam2_session.services.suspicion.reviewed import beside_approved, unlike_reviewed

NEAR, WIDE = 3, 16  # masks on each side: against these a jump shows, and a stretch that is off
LONG_GONE = 16  # frames
USUAL = 4.0  # times the pair's usual deviation that are nothing to look at
EVEN_SCORE, SURE_SCORE = 0.0, 3.0  # object scores are log-odds: 0 is even, 3 is 95 %
SUSPECT = 0.5  # from here on a mask wants a look


@dataclass(frozen=True, slots=True)
class Doubt:
    """One kind of doubt about each mask, from 0 to 1, and its words for the mask at an index."""

    values: Floats
    words: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Suspicion of each mask of a pair, from 0 to 1; `doubts` say why.

    `apart` is that of each mask apart from reviewed ones nearby.
    """

    measures: PairMeasures
    apart: Floats
    scores: Floats
    doubts: tuple[Doubt, ...]

    def reasons(self, at: int) -> list[str]:
        """Return the reasons of one mask in words, the weightiest first."""
        weighty = sorted(self.doubts, key=lambda doubt: -doubt.values[at])
        return [doubt.words(at) for doubt in weighty if doubt.values[at] >= SUSPECT / 2][:3]

    def with_reviewed(self, reviewed: Bools, approved: Bools) -> Suspicion:
        """Return it with other masks reviewed, and approved."""
        measures = replace(self.measures, reviewed=reviewed, approved=approved)
        return replace(self, measures=measures, scores=_beside_reviewed(measures, self.apart))


def score(measures: PairMeasures, overlaps: Doubt | None = None) -> Suspicion:
    """Score all masks of a pair; doubts add up as independent ones do."""
    if not len(measures.frames):
        return Suspicion(measures, np.zeros(0), np.zeros(0), ())
    doubts = [
        _model_unsure(measures),
        _empty(measures),
        _vanished(measures),
        _size(measures),
        _place(measures),
        _pieces(measures),
        _colours(measures),
        _two_sides(measures),
        *([overlaps] if overlaps else []),
    ]
    trust = np.ones(len(measures.frames))
    for doubt in doubts:
        trust *= 1 - np.nan_to_num(doubt.values)
    apart = 1 - trust
    return Suspicion(measures, apart, _beside_reviewed(measures, apart), tuple(doubts))


def _beside_reviewed(measures: PairMeasures, apart: Floats) -> Floats:
    """Lower the scores of masks for which reviewed ones nearby speak."""
    return apart * unlike_reviewed(measures) * beside_approved(measures, apart >= SUSPECT)


def ramp(values: Floats, low: float, high: float) -> Floats:
    """Rise from 0 at `low` to 1 at `high`; NaN is no doubt."""
    return np.clip(np.nan_to_num((values - low) / (high - low)), 0.0, 1.0)


def _model_unsure(measures: PairMeasures) -> Doubt:
    doubt = 0.6 * ramp(-measures.scores, -SURE_SCORE, -EVEN_SCORE)
    doubt[measures.areas == 0] *= 0.5  # an object that left is no fault
    return Doubt(doubt, lambda at: f"the model is unsure (score {measures.scores[at]:.1f})")


def _empty(measures: PairMeasures) -> Doubt:
    """An empty mask with full ones on both sides."""
    there = (measures.areas > 0).astype(np.float64)
    sides = windows(there, WIDE)
    before, after = _nanmax(sides[:, :WIDE]), _nanmax(sides[:, WIDE + 1 :])
    values = np.where((measures.areas == 0) & (before > 0) & (after > 0), 0.95, 0.0)
    return Doubt(values, lambda _: "empty between masks that are not")


def _vanished(measures: PairMeasures) -> Doubt:
    """Empty masks after one that lies inside of the frame; the longer, the more was perhaps missed.

    Whether an object that left over the border came back is a lesser doubt.
    """
    values = np.zeros(len(measures.frames))
    changes = np.diff((measures.areas > 0).astype(np.int8))
    back = [*np.flatnonzero(changes > 0), len(values) - 1]
    for at in map(int, np.flatnonzero(changes < 0)):
        end = int(back[np.searchsorted(back, at)])
        lasting = min(1.0, (end - at) / LONG_GONE)
        values[at + 1 : end + 1] = 0.25 if measures.edges[at] else 0.6 + 0.35 * lasting
    return Doubt(values, lambda _: "gone from one frame to the next, inside of the picture")


def _size(measures: PairMeasures) -> Doubt:
    """Area, width, height or fill that differ from the neighbours'."""
    change = measures.sizes - median(without_middle(measures.sizes, NEAR))
    wide = measures.sizes - median(without_middle(measures.sizes, WIDE))
    near_doubt = ramp(_beyond_usual(np.abs(change)), 0.08, 0.35)
    wide_doubt = 0.8 * ramp(_beyond_usual(np.abs(wide)), 0.15, 0.5)
    values = np.maximum(near_doubt, wide_doubt).max(axis=1)

    def words(at: int) -> str:
        largest = change[at, 0] if abs(change[at, 0]) >= abs(wide[at, 0]) else wide[at, 0]
        if abs(largest) < 0.05:
            return "its shape differs from its neighbours'"
        if largest < 0:
            return f"area fell by {100 * (1 - np.exp(largest)):.0f} %"
        return f"area grew by {100 * (np.exp(largest) - 1):.0f} %"

    return Doubt(values, words)


def _place(measures: PairMeasures) -> Doubt:
    """A centre that is not between those of its neighbours."""
    reach = np.sqrt(np.exp(median(windows(measures.sizes[:, 0], WIDE))))
    near = between(measures.centres, NEAR)
    wide = between(measures.centres, WIDE)
    near_px = np.linalg.norm(measures.centres - near, axis=1)
    wide_px = np.linalg.norm(measures.centres - wide, axis=1)
    near_doubt = ramp(_beyond_usual(near_px / reach), 0.05, 0.3)
    wide_doubt = 0.8 * ramp(_beyond_usual(wide_px / reach), 0.15, 0.6)

    def words(at: int) -> str:
        px = np.nanmax([near_px[at], wide_px[at]])
        return f"{px:.0f} px away from where its neighbours put it"

    return Doubt(np.maximum(near_doubt, wide_doubt), words)


def _pieces(measures: PairMeasures) -> Doubt:
    usual = median(without_middle(measures.pieces, WIDE))
    more = measures.pieces - usual
    values = np.where(more >= 1, 0.3 + 0.15 * np.clip(more - 1, 0, 2), 0.0)
    values = np.where(more <= -1, 0.25, values)
    return Doubt(
        np.nan_to_num(values),
        lambda at: f"in {measures.pieces[at]:.0f} pieces, {usual[at]:.0f} before and after",
    )


def _colours(measures: PairMeasures) -> Doubt:
    """Colours inside that are not those the object has around this frame."""
    usual = usual_colours(measures.colours)
    common = np.sqrt(measures.colours * usual).sum(axis=1)  # Bhattacharyya's coefficient
    values = ramp(_beyond_usual(1 - common), 0.04, 0.16)
    return Doubt(values, lambda _: "its colours are not those of the object")


def _two_sides(measures: PairMeasures) -> Doubt:
    """Masks of a fill on which its two passes disagree."""
    short = ramp(-measures.agreements, -LEAST_AGREEMENT, 0.0)
    values = np.where(measures.agreements < LEAST_AGREEMENT, SUSPECT + 0.45 * short, 0.0)
    return Doubt(
        values,
        lambda at: f"the two sides of the fill disagree (IoU {measures.agreements[at]:.2f})",
    )


def _beyond_usual(deviations: Floats) -> Floats:
    """Take the pair's usual deviation off."""
    usual = median(deviations[None])[0] if len(deviations) else np.float64(0)
    return deviations - USUAL * np.nan_to_num(usual)


def _nanmax(sides: Floats) -> Floats:
    return np.asarray(np.nan_to_num(sides, nan=0.0).max(axis=1))
