"""Measures whether suspicion finds planted faults: ``python -m benchmarks.suspicion``.

Clips are drawn with exact masks, faults are planted in some of them, and every mask is scored as
the server scores it. Recall counts the faulty masks among the worst tenth of a clip's masks; false
alarms are masks of clean clips that are scored as suspects.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from benchmarks.planted import FAULTS, LEAST_AREA, LONG_FAULTS, Masks
from sam2_session.core.mask_traits import MaskTraits, TraitColumns
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.formats.shapes.mask_traits import colour_numbers, traits_of
from sam2_session.services.suspicion.overlaps import overlap_doubts
from sam2_session.services.suspicion.pair_measures import measure
from sam2_session.services.suspicion.scoring import SUSPECT, score
from sam2_session.storage.mask_columns import MaskColumns
from sam2_session.storage.mask_rows import MaskRow
from training.clips import ClipSpec, make_clip

WORST = 0.1  # share of a clip's masks
FRAMES, SIZE_HW, REGION = 120, (180, 320), "overall"
GOALS = {"recall": 0.9, "false_alarms": 0.05}


@dataclass(slots=True)
class Tally:
    """Counts over all clips; `planted` and `found` by kind of fault."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    clean: int = 0
    alarms: int = 0

    @property
    def recall(self) -> float:
        """The share of planted faults among the worst masks."""
        return sum(self.found.values()) / max(1, sum(self.planted.values()))

    @property
    def false_alarms(self) -> float:
        """The share of clean masks that count as suspects."""
        return self.alarms / max(1, self.clean)


def tally(clips: int) -> Tally:
    """Score this many clips, each clean and then with faults of every kind."""
    counts = Tally()
    for seed in range(clips):
        rng = np.random.default_rng(seed)
        spec = ClipSpec(seed=100 + seed, num_frames=FRAMES, size_hw=SIZE_HW, num_tools=2)
        clip = make_clip(spec)
        colours = [colour_numbers(np.ascontiguousarray(f[..., ::-1])) for f in clip.frames_thwc]
        truth = np.stack([clip.masks_thw(tool, REGION) for tool in range(2)])
        clean = scores_of(truth, colours)
        counts.clean += clean.size
        counts.alarms += int((clean >= SUSPECT).sum())
        for kind in FAULTS:
            masks = truth.copy()
            faulty = plant(masks, kind, rng)
            found = worst_of(scores_of(masks, colours))
            counts.planted[kind] += len(faulty)
            counts.found[kind] += len(faulty & found)
    return counts


def plant(
    masks: npt.NDArray[np.bool_], kind: str, rng: np.random.Generator
) -> set[tuple[int, int]]:
    """Plant a fault in each instance of a clip; returns the faulty (instance, frame).

    Long ones only in the first, so that all faulty masks fit into the worst tenth.
    """
    faulty = set()
    truth = masks.copy()
    for instance in range(1 if kind in LONG_FAULTS else len(masks)):
        there = np.flatnonzero(
            truth[instance].reshape(len(truth[instance]), -1).sum(1) > LEAST_AREA
        )
        at = int(rng.choice(there[(there >= 8) & (there < len(truth[instance]) - 20)]))
        other: Masks = truth[1 - instance]
        faulty |= {(instance, idx) for idx in FAULTS[kind](masks[instance], other, at, rng)}
    return faulty


def worst_of(scores: npt.NDArray[np.float64]) -> set[tuple[int, int]]:
    """Return the worst tenth of all masks of a clip, as (instance, frame)."""
    order = np.argsort(-scores, axis=None)[: round(WORST * scores.size)]
    return {(int(at) // scores.shape[1], int(at) % scores.shape[1]) for at in order}


def scores_of(
    masks: npt.NDArray[np.bool_], colours: list[npt.NDArray[np.uint8]]
) -> npt.NDArray[np.float64]:
    """Score the masks (instance, t, h, w) of a clip as the server does."""
    traits = [
        {idx: traits_of(mask_hw, colours[idx]) for idx, mask_hw in enumerate(of_instance)}
        for of_instance in masks
    ]
    columns = {
        SessionKey("clip", number + 1, REGION): trait_columns(of_instance)
        for number, of_instance in enumerate(traits)
    }
    found = []
    for key, of_instance in zip(columns, traits, strict=True):
        rows = [MaskRow(at, 1, MaskSource.PROPAGATED, t.facts, 1) for at, t in of_instance.items()]
        measures = measure(mask_columns(rows), columns[key], SIZE_HW)
        found.append(score(measures, overlap_doubts(key, measures.frames, columns)).scores)
    return np.stack(found)


def trait_columns(traits: Mapping[int, MaskTraits]) -> TraitColumns:
    """Return the traits of masks, by frame_idx, as the database gives them."""
    return TraitColumns.unpack([*traits], [found.pack() for found in traits.values()])


def mask_columns(rows: Sequence[MaskRow]) -> MaskColumns:
    """Return masks as the database gives them by column."""
    return MaskColumns(
        tuple(row.frame_idx for row in rows),
        tuple(row.rev for row in rows),
        tuple(row.source.value for row in rows),
        tuple(row.run for row in rows),
        tuple(row.score for row in rows),
        tuple(row.facts.area for row in rows),
        [list(row.facts.box) if row.facts.box else None for row in rows],
        tuple(row.approved for row in rows),
        tuple(" ".join(row.flags) for row in rows),
        tuple(row.network for row in rows),
        tuple(row.absent for row in rows),
        tuple(row.cleaned for row in rows),
        tuple(row.rejection for row in rows),
        tuple(row.agreement for row in rows),
    )


def main() -> None:
    """Print both figures, and fail if one misses its goal."""
    parser = argparse.ArgumentParser(description="Find planted faults by suspicion.")
    parser.add_argument("--clips", type=int, default=12, help="how many to draw [12]")
    counts = tally(parser.parse_args().clips)
    lines = ["| fault | planted masks | among the worst tenth |", "|---|---|---|"]
    for kind, planted in counts.planted.items():
        lines.append(f"| {kind} | {planted} | {counts.found[kind] / planted:.0%} |")
    lines.append(f"| all | {sum(counts.planted.values())} | {counts.recall:.1%} |")
    lines.append(f"\nfalse alarms: {counts.false_alarms:.1%} of {counts.clean} clean masks")
    sys.stdout.write("\n".join(lines) + "\n")
    missed = counts.recall < GOALS["recall"] or counts.false_alarms > GOALS["false_alarms"]
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
