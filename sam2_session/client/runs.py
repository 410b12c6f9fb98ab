"""Follows a run: gives each mask of a pair as soon as it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sam2_session.client.facts import MaskFacts
from sam2_session.client.jobs import POLL_S, Job
from sam2_session.core.errors import HostUnavailable, MaskNotFound
from sam2_session.core.types import BoolMask, SessionKey
from sam2_session.runtime import monotonic, sleep
from sam2_session.services.propagation.plan import RunPlan

LISTING_SHARE = 4  # wait this many times as long as the newest masks took to read


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
        at = 0
        while True:
            is_finished = job.is_finished
            began_s = monotonic()
            if job.done > at:
                yield from _read(pair, frames, at, job.done)
                at = job.done
            if is_finished:
                break
            sleep(max(POLL_S, LISTING_SHARE * (monotonic() - began_s)))
            job.refresh()
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
    pair: TrackedPair, frames: Mapping[int, int], start: int, end: int
) -> Iterator[FrameMask]:
    scores = {facts.frame_idx: facts.score for facts in pair.facts()}
    for frame_idx in (frames[at] for at in range(start, end) if at in frames):
        try:
            yield FrameMask(frame_idx, pair.mask(frame_idx), scores.get(frame_idx))
        except MaskNotFound:
            continue  # somebody has deleted it meanwhile
