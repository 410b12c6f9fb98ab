"""Chooses the masks of a report's contact sheet, worst first, with the reasons in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sam2_session.core.types import MaskFlag
from sam2_session.formats.exporting.source import Pair
from sam2_session.services.reports.pair_figures import LOW_SCORE, PairFigures
from sam2_session.storage.mask_rows import MaskRow

FLAG_WORDS = {
    MaskFlag.LOST: "the object is lost",
    MaskFlag.SWALLOW: "the mask swallows the frame",
    MaskFlag.SCENE_CUT: "a scene cut",
}
REJECTED, FLAGGED, FLICKERS, STALE, HAS_ISLANDS = 8.0, 4.0, 3.0, 1.5, 1.0
MUCH = 0.05  # of the mask: islands of so many pixels count fully
APART = 50  # pictures of one pair lie at least a fiftieth of the video apart


@dataclass(frozen=True, slots=True)
class WorstMask:
    """A mask to look at; `badness` grows with what looks wrong."""

    pair: Pair
    frame_idx: int
    badness: float
    reasons: tuple[str, ...]


def worst_masks(figures: Sequence[PairFigures], limit: int) -> list[WorstMask]:
    """Choose masks that look wrong, spread over the video; without any, those of lowest score."""
    ranked = sorted(
        (mask for pair in figures for mask in _ranked(pair)),
        key=lambda mask: (-mask.badness, mask.frame_idx),
    )
    chosen: list[WorstMask] = []
    apart = max((pair.rows.num_frames for pair in figures), default=0) // APART
    for mask in ranked:
        if len(chosen) == limit:
            break
        beside = (other for other in chosen if other.pair is mask.pair)
        if all(abs(other.frame_idx - mask.frame_idx) > apart for other in beside):
            chosen.append(mask)
    return chosen


def _ranked(figures: PairFigures) -> Iterator[WorstMask]:
    flicker = set(figures.flicker)
    islands = {island.frame_idx: island for island in figures.islands}
    for frame_idx, mask in figures.rows.masks.items():
        if mask.approved or mask.absent:
            continue
        badness, reasons = _judge(mask)
        if frame_idx in flicker:
            badness, reasons = badness + FLICKERS, [*reasons, "its area jumps"]
        if frame_idx in figures.rows.stale:
            badness, reasons = badness + STALE, [*reasons, "stale"]
        if island := islands.get(frame_idx):
            badness += HAS_ISLANDS * min(1.0, island.area / (MUCH * max(1, mask.facts.area)))
            pieces = "1 island" if island.pieces == 1 else f"{island.pieces} islands"
            reasons = [*reasons, f"{pieces}, {island.area} px"]
        if mask.score is not None:
            badness -= mask.score / 100  # the lower score first among equals
            reasons = reasons or [f"score {mask.score:.1f}"]
        if reasons:
            yield WorstMask(figures.rows.pair, frame_idx, badness, tuple(reasons))


def _judge(mask: MaskRow) -> tuple[float, list[str]]:
    badness = FLAGGED * len(mask.flags)
    reasons = [FLAG_WORDS[flag] for flag in mask.flags]
    if mask.rejection is not None:
        badness += REJECTED
        reasons.insert(0, f"rejected: {mask.rejection}" if mask.rejection else "rejected")
    if mask.score is not None and mask.score < LOW_SCORE:
        badness += 1
        reasons.append(f"score {mask.score:.1f}")
    return badness, reasons
