"""Lists the places of a video whose masks are most suspicious, and the suspicion of every mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Lock
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.suspicion.overlaps import overlap_doubts
from sam2_session.services.suspicion.pair_measures import Floats, is_reviewed, measure
from sam2_session.services.suspicion.scoring import SUSPECT, Suspicion, score
from sam2_session.storage.database import Transaction
from sam2_session.storage.mask_rows import MaskRow, list_masks
from sam2_session.storage.trait_rows import list_traits

Mark = tuple[int, int, int, int]  # newest revision, masks, absent ones, sum of reviewed frames
DECIMALS = 3
MOST_KNOWN = 200  # pairs whose scores are remembered
AS_BAD = 0.98  # of the highest score of a stop
MERGED_FRAMES = 3  # suspects no further apart are one stop


@dataclass(frozen=True, slots=True)
class Stop:
    """Neighbouring suspects of one pair, from `first` to `last`; `frame_idx` is the worst of them.

    `weight` adds their scores up.
    """

    key: SessionKey
    first: int
    last: int
    frame_idx: int
    score: float
    reasons: list[str]
    weight: float

    def to_wire(self) -> dict[str, Any]:
        """Describe it, with an id that pages go on behind."""
        pair = {"instance_id": self.key.instance_id, "region": self.key.region}
        place = {"first": self.first, "last": self.last, "frame_idx": self.frame_idx}
        stop = f"{self.key.instance_id}/{self.key.region}/{self.frame_idx}"
        return {"stop": stop, **pair, **place, "score": self.score, "reasons": self.reasons}


class SuspicionService:
    """Scores masks when asked, from what is stored about them."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects
        self._known: dict[SessionKey, tuple[tuple[Mark, ...], Suspicion]] = {}  # the newest last
        self._lock = Lock()

    def list(self, video_id: str) -> dict[str, Any]:
        """List the suspicious places that nobody has reviewed, worst first, of equals the longest.

        Masks that a person made, marked absent or approved are none.
        """
        stops = [stop for scored in self._scored(video_id) for stop in scored.stops()]
        stops.sort(key=lambda stop: (-round(stop.score, 1), -stop.weight, stop.frame_idx))
        return {"stops": [stop.to_wire() for stop in stops]}

    def curves(self, video_id: str) -> dict[str, Any]:
        """Return the suspicion of every mask, by pair, as [frame_idx, score]; 0 if reviewed."""
        return {"curves": [scored.curve() for scored in self._scored(video_id)]}

    def _scored(self, video_id: str) -> Sequence[_ScoredPair]:
        """Score the pairs; those whose masks did not change since keep their scores."""
        project = self._projects.get(video_id)
        rows, traits = project.db.read(partial(_read, keys=project.pairs()))
        marks = {key: _mark(of_pair) for key, of_pair in rows.items()}
        scored = []
        with self._lock:
            for key, of_pair in rows.items():
                if not _there(of_pair):
                    continue
                beside = tuple(marks[other] for other in rows if other.region == key.region)
                known = self._known.pop(key, None)
                if known is None or known[0] != beside:
                    known = (beside, _score(project, key, of_pair, traits))
                self._known[key] = known
                scored.append(_ScoredPair(key, _there(of_pair), known[1]))
            while len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return scored


@dataclass(frozen=True, slots=True)
class _ScoredPair:
    key: SessionKey
    rows: Sequence[MaskRow]
    suspicion: Suspicion

    def curve(self) -> dict[str, Any]:
        values = [
            [row.frame_idx, 0.0 if is_reviewed(row) else round(float(value), DECIMALS)]
            for row, value in zip(self.rows, self.suspicion.scores, strict=True)
        ]
        return {"instance_id": self.key.instance_id, "region": self.key.region, "values": values}

    def stops(self) -> list[Stop]:
        groups: list[list[int]] = []
        for at in map(int, np.flatnonzero(self.suspicion.scores >= SUSPECT)):
            if is_reviewed(self.rows[at]):
                continue
            frame_idx = self.rows[at].frame_idx
            if groups and frame_idx - self.rows[groups[-1][-1]].frame_idx <= MERGED_FRAMES:
                groups[-1].append(at)
            else:
                groups.append([at])
        return [self._stop(group) for group in groups]

    def _stop(self, group: list[int]) -> Stop:
        worst = _worst(group, self.suspicion.scores)
        first, last, frame_idx = (self.rows[at].frame_idx for at in (group[0], group[-1], worst))
        value = round(float(self.suspicion.scores[worst]), DECIMALS)
        reasons, weight = self.suspicion.reasons(worst), float(self.suspicion.scores[group].sum())
        return Stop(self.key, first, last, frame_idx, value, reasons, weight)


def _read(
    tx: Transaction, keys: Sequence[SessionKey]
) -> tuple[dict[SessionKey, list[MaskRow]], dict[SessionKey, dict[int, MaskTraits]]]:
    rows = {key: list_masks(tx, key) for key in keys}
    traits = {}
    for key in keys:
        facts = {row.frame_idx: row.facts for row in rows[key]}
        found = list_traits(tx, key)
        traits[key] = {idx: trait for idx, trait in found.items() if facts.get(idx) == trait.facts}
    return rows, traits


def _mark(rows: Sequence[MaskRow]) -> Mark:
    """Change whenever a mask of the pair does."""
    absent = sum(row.absent for row in rows)
    reviewed = sum(row.frame_idx + len(rows) for row in rows if is_reviewed(row))
    return (max((row.rev for row in rows), default=0), len(rows), absent, reviewed)


def _there(rows: Sequence[MaskRow]) -> list[MaskRow]:
    """Leave absent frames out: they say nothing about their neighbours."""
    return [row for row in rows if not row.absent]


def _score(
    project: Project,
    key: SessionKey,
    rows: Sequence[MaskRow],
    traits: dict[SessionKey, dict[int, MaskTraits]],
) -> Suspicion:
    there = _there(rows)
    frames = [row.frame_idx for row in there]
    measures = measure(there, traits[key], project.size_hw)
    return score(measures, overlap_doubts(key, frames, traits))


def _worst(group: Sequence[int], scores: Floats) -> int:
    """Name the middle one of the worst masks: a correction there reaches both ways."""
    highest = max(float(scores[at]) for at in group)
    worst = [at for at in group if scores[at] >= AS_BAD * highest]
    return worst[len(worst) // 2]
