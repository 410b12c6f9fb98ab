"""Lists the places of a video whose masks are most suspicious, and the suspicion of every mask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.runtime import Lock
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.suspicion.overlaps import overlap_doubts
from sam2_session.services.suspicion.pair_measures import measure
from sam2_session.services.suspicion.scoring import SUSPECT, Suspicion, score
from sam2_session.storage.database import Transaction
from sam2_session.storage.mask_rows import MaskRow, list_masks
from sam2_session.storage.op_rows import current_rev
from sam2_session.storage.trait_rows import list_traits

DECIMALS = 3
MOST_KNOWN = 4  # videos whose scores are remembered
MERGED_FRAMES = 3  # suspects no further apart are one stop


@dataclass(frozen=True, slots=True)
class Stop:
    """Neighbouring suspects of one pair; `at` is the worst of them, `first` and `last` its ends."""

    key: SessionKey
    first: int
    last: int
    frame_idx: int
    score: float
    reasons: list[str]

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
        self._known: dict[str, tuple[int, Sequence[_ScoredPair]]] = {}  # by video_id, at a rev
        self._lock = Lock()

    def list(self, video_id: str) -> dict[str, Any]:
        """List the suspicious places that nobody has reviewed, worst first.

        Masks that a person made, marked absent or approved are none.
        """
        stops = [stop for scored in self._scored(video_id) for stop in scored.stops()]
        stops.sort(key=lambda stop: (-stop.score, stop.frame_idx))
        return {"stops": [stop.to_wire() for stop in stops]}

    def curves(self, video_id: str) -> dict[str, Any]:
        """Return the suspicion of every mask, by pair, as [frame_idx, score]; 0 if reviewed."""
        return {"curves": [scored.curve() for scored in self._scored(video_id)]}

    def _scored(self, video_id: str) -> Sequence[_ScoredPair]:
        """Score all pairs, unless nothing changed since that was done last."""
        project = self._projects.get(video_id)
        with self._lock:
            rev = project.db.read(current_rev)
            known = self._known.get(video_id)
            if known is None or known[0] != rev:
                rows, traits = project.db.read(partial(_read, keys=project.pairs()))
                scored = [
                    _score(project, key, found, traits) for key, found in rows.items() if found
                ]
                known = self._known[video_id] = (rev, scored)
                while len(self._known) > MOST_KNOWN:
                    del self._known[next(iter(self._known))]
        return known[1]


@dataclass(frozen=True, slots=True)
class _ScoredPair:
    key: SessionKey
    rows: Sequence[MaskRow]
    suspicion: Suspicion

    def curve(self) -> dict[str, Any]:
        values = [
            [row.frame_idx, 0.0 if _is_reviewed(row) else round(float(value), DECIMALS)]
            for row, value in zip(self.rows, self.suspicion.scores, strict=True)
        ]
        return {"instance_id": self.key.instance_id, "region": self.key.region, "values": values}

    def stops(self) -> list[Stop]:
        groups: list[list[int]] = []
        for at in map(int, np.flatnonzero(self.suspicion.scores >= SUSPECT)):
            if _is_reviewed(self.rows[at]):
                continue
            frame_idx = self.rows[at].frame_idx
            if groups and frame_idx - self.rows[groups[-1][-1]].frame_idx <= MERGED_FRAMES:
                groups[-1].append(at)
            else:
                groups.append([at])
        return [self._stop(group) for group in groups]

    def _stop(self, group: list[int]) -> Stop:
        worst = max(group, key=lambda at: float(self.suspicion.scores[at]))
        first, last, frame_idx = (self.rows[at].frame_idx for at in (group[0], group[-1], worst))
        value = round(float(self.suspicion.scores[worst]), DECIMALS)
        return Stop(self.key, first, last, frame_idx, value, self.suspicion.reasons(worst))


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


def _score(
    project: Project,
    key: SessionKey,
    rows: Sequence[MaskRow],
    traits: dict[SessionKey, dict[int, MaskTraits]],
) -> _ScoredPair:
    there = [row for row in rows if not row.absent]  # an absence says nothing about neighbours
    frames = [row.frame_idx for row in there]
    measures = measure(there, traits[key], project.size_hw)
    return _ScoredPair(key, there, score(measures, overlap_doubts(key, frames, traits)))


def _is_reviewed(row: MaskRow) -> bool:
    return row.approved or row.source is MaskSource.HUMAN
