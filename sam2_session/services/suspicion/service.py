"""Lists the places of a video whose masks are most suspicious, and the suspicion of every mask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sam2_session.core.mask_traits import TraitColumns
from sam2_session.core.types import SessionKey
from sam2_session.runtime import Lock
from sam2_session.services.projects.project import Project
from sam2_session.services.projects.projects import Projects
from sam2_session.services.suspicion.overlaps import overlap_doubts
from sam2_session.services.suspicion.pair_measures import (
    Floats,
    frames_of,
    measure,
    reviews_of,
    traits_of_masks,
)
from sam2_session.services.suspicion.scoring import SUSPECT, Suspicion, score
from sam2_session.storage.database import Transaction
from sam2_session.storage.mask_columns import MaskColumns, read_columns
from sam2_session.storage.mask_rows import mask_marks
from sam2_session.storage.trait_rows import read_traits

Mark = tuple[Any, ...]  # changes with what it stands for
Marks = Mapping[SessionKey, Mark]
AllMarks = Mapping[tuple[int, str], tuple[Mark, Mark]]
DECIMALS = 3
MOST_KNOWN = 200  # pairs whose scores are remembered
ORDERS = 4  # of scores; of one order the longest stop is first, as its correction changes the most
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
        self._known: dict[SessionKey, _Known] = {}  # the newest last
        self._lock = Lock()

    def list(self, video_id: str) -> dict[str, Any]:
        """List the suspicious places that nobody has reviewed, worst first, of equals the longest.

        Masks that a person made, marked absent or approved are none.
        """
        stops = [stop for scored in self._scored(video_id) for stop in scored.stops()]
        stops.sort(key=lambda stop: (-round(stop.score * ORDERS), -stop.weight, stop.frame_idx))
        return {"stops": [stop.to_wire() for stop in stops]}

    def curves(self, video_id: str) -> dict[str, Any]:
        """Return the suspicion of every mask, by pair, as [frame_idx, score]; 0 if reviewed."""
        return {"curves": [scored.curve() for scored in self._scored(video_id)]}

    def _scored(self, video_id: str) -> Sequence[_ScoredPair]:
        """Score the pairs; of those whose masks did not change since nothing is read."""
        project = self._projects.get(video_id)
        marks = project.db.read(mask_marks)
        keys = [key for key in project.pairs() if (key.instance_id, key.region) in marks]
        beside = {key: _marks_beside(key, keys, marks) for key in keys}
        with self._lock:
            known = {key: self._known.pop(key, None) for key in keys}
            approved = {key: marks[key.instance_id, key.region][1] for key in keys}
            self._rescore(project, known, beside, approved)
            self._read_reviews(project, known, approved)
            scored = [found for found in known.values() if found is not None]
            self._known |= {found.scored.key: found for found in scored}
            while len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return [found.scored for found in scored if len(found.scored.suspicion.scores)]

    def _rescore(
        self,
        project: Project,
        known: dict[SessionKey, _Known | None],
        beside: Marks,
        approved: Marks,
    ) -> None:
        """Score the pairs again whose masks, or those that they may overlap, changed."""
        changed = [
            key for key, found in known.items() if found is None or found.beside != beside[key]
        ]
        for region in {key.region for key in changed}:
            of_region = [key for key in known if key.region == region]
            masks, traits = project.db.read(partial(_read, keys=of_region))
            for key in changed:
                if key.region == region:
                    suspicion = _score(project, key, masks[key], traits)
                    known[key] = _Known(beside[key], approved[key], _ScoredPair(key, suspicion))

    def _read_reviews(
        self, project: Project, known: dict[SessionKey, _Known | None], approved: Marks
    ) -> None:
        """Read again which masks of a pair are approved, where that changed."""
        for key, found in known.items():
            if found is None or found.approved == approved[key]:
                continue
            masks, suspicion = (
                project.db.read(partial(read_columns, key=key)),
                found.scored.suspicion,
            )
            if np.array_equal(frames_of(masks), suspicion.measures.frames):
                suspicion = suspicion.with_reviewed(*reviews_of(masks))
                known[key] = _Known(found.beside, approved[key], _ScoredPair(key, suspicion))


@dataclass(frozen=True, slots=True)
class _Known:
    """A scored pair, and the marks of what it was made from."""

    beside: Mark
    approved: Mark
    scored: _ScoredPair


@dataclass(frozen=True, slots=True)
class _ScoredPair:
    """The suspicion of a pair's masks, by frame; a reviewed one is not to be looked at."""

    key: SessionKey
    suspicion: Suspicion

    @property
    def frames(self) -> list[int]:
        frames: list[int] = self.suspicion.measures.frames.tolist()
        return frames

    def curve(self) -> dict[str, Any]:
        suspicion = self.suspicion
        scores = np.where(suspicion.measures.reviewed, 0.0, suspicion.scores).tolist()
        values = [
            [frame_idx, round(value, DECIMALS)]
            for frame_idx, value in zip(self.frames, scores, strict=True)
        ]
        return {"instance_id": self.key.instance_id, "region": self.key.region, "values": values}

    def stops(self) -> list[Stop]:
        groups: list[list[int]] = []
        suspects = (self.suspicion.scores >= SUSPECT) & ~self.suspicion.measures.reviewed
        frames = self.suspicion.measures.frames
        for at in map(int, np.flatnonzero(suspects)):
            if groups and frames[at] - frames[groups[-1][-1]] <= MERGED_FRAMES:
                groups[-1].append(at)
            else:
                groups.append([at])
        return [self._stop(group) for group in groups]

    def _stop(self, group: list[int]) -> Stop:
        worst = _worst(group, self.suspicion.scores)
        frames = self.suspicion.measures.frames
        first, last, frame_idx = (int(frames[at]) for at in (group[0], group[-1], worst))
        value = round(float(self.suspicion.scores[worst]), DECIMALS)
        reasons, weight = self.suspicion.reasons(worst), float(self.suspicion.scores[group].sum())
        return Stop(self.key, first, last, frame_idx, value, reasons, weight)


def _read(
    tx: Transaction, keys: Sequence[SessionKey]
) -> tuple[dict[SessionKey, MaskColumns], dict[SessionKey, TraitColumns]]:
    masks = {key: read_columns(tx, key) for key in keys}
    return masks, {key: traits_of_masks(masks[key], read_traits(tx, key)) for key in keys}


def _marks_beside(key: SessionKey, keys: Sequence[SessionKey], marks: AllMarks) -> Mark:
    """Change whenever a mask of the pair does, or one of another instance in its region."""
    return tuple(
        (other.instance_id, *marks[other.instance_id, other.region][0])
        for other in keys
        if other.region == key.region
    )


def _score(
    project: Project,
    key: SessionKey,
    masks: MaskColumns,
    traits: Mapping[SessionKey, TraitColumns],
) -> Suspicion:
    measures = measure(masks, traits[key], project.size_hw)
    if not len(measures.frames):
        return score(measures)
    return score(measures, overlap_doubts(key, measures.frames, traits))


def _worst(group: Sequence[int], scores: Floats) -> int:
    """Name the middle one of the worst masks: a correction there reaches both ways."""
    highest = max(float(scores[at]) for at in group)
    worst = [at for at in group if scores[at] >= AS_BAD * highest]
    return worst[len(worst) // 2]
