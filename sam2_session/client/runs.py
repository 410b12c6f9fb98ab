"""Follows a run: gives each mask of a pair as soon as it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from sam2_session.client.facts import MaskFacts
from sam2_session.client.jobs import Job
from sam2_session.core.errors import HostUnavailable, MaskNotFound
from sam2_session.core.types import BoolMask, SessionKey
from sam2_session.runtime import monotonic
from sam2_session.services.propagation.plan import RunPlan

LISTING_SHARE = 4  # list masks again after this many times as long as that took


@dataclass(frozen=True, slots=True, eq=False)
class FrameMask:
    """One frame of a run: `mask` is bool (H, W), `score` the model's own guess of its IoU.

    `score` is None for masks that no model made.
    """

    frame_idx: int
    mask: BoolMask
    score: float | None


class TrackedPair(Protocol):
    """The methods of `Pair` that following a run needs."""

    @property
    def key(self) -> SessionKey: ...

    def mask(self, frame: int) -> BoolMask: ...

    def facts(self) -> list[MaskFacts]: ...


def follow(pair: TrackedPair, job: Job) -> Iterator[FrameMask]:
    """Yield the pair's masks in the order of the run; stop the run if the loop is left."""
    try:
        frames = _frames_of(pair.key, job)
        at, again_s = 0, 0.0
        with closing(job.changes()) as changes:
            for _ in changes:
                if job.done <= at or (monotonic() < again_s and not job.is_finished):
                    continue
                began_s = monotonic()
                scores = {facts.frame_idx: facts.score for facts in pair.facts()}
                again_s = monotonic() + LISTING_SHARE * (monotonic() - began_s)
                first, at = at, job.done
                yield from _read(pair, [frames[n] for n in range(first, at) if n in frames], scores)
    except HostUnavailable:
        raise  # nobody is there to stop it
    except BaseException:
        job.stop()
        raise
    job.raise_if_failed()


def _frames_of(key: SessionKey, job: Job) -> Mapping[int, int]:
    """Plan as the run does: the pair's frames, by how many visits are done before them."""
    plan = RunPlan.from_json(key.video_id, job.facts)
    return {
        at: visit.frame_idx
        for at, visit in enumerate(plan.frames())
        if key in visit.keys
        and not plan.is_second_visit(key, visit.frame_idx, reverse=visit.reverse)
    }


def _read(
    pair: TrackedPair, frames: Iterable[int], scores: Mapping[int, float | None]
) -> Iterator[FrameMask]:
    for frame_idx in frames:
        try:
            yield FrameMask(frame_idx, pair.mask(frame_idx), scores.get(frame_idx))
        except MaskNotFound:
            continue  # somebody has deleted it meanwhile
