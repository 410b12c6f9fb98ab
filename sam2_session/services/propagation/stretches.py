"""Finds the stretches of a pair that corrections can have changed since its last finished run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sam2_session.core.conditioning import is_from
from sam2_session.core.types import Direction, JobState, OnApproved, SessionKey
from sam2_session.services.propagation.plan import RunPlan, Stretch
from sam2_session.services.propagation.run_job import KIND
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    conditioned_frames,
    prompted_digests,
    prompted_frames,
    unprompted_frames,
)
from sam2_session.storage.job_rows import JobRow, list_jobs
from sam2_session.storage.mask_rows import list_masks, list_runs

BEFORE = "before"  # parameter of a stretch run: what its pairs were conditioned on, and their runs
REPLACED = "replaced"  # parameter of a stretch run of an older version: what it replaced
PENDING = "pending"  # parameter of a stretch run: pairs whose files have yet to be exchanged
STATES = "states"  # parameter of a run: the frames that a person had made, of each pair
TAKEN_BACK = "taken_back"  # parameter of a stretch run: the pairs whose old masks came back
CUT_SHORT = "cut_short"  # parameter of a stretch run: the pairs that its range did not hold whole


OWN_RECORD = (BEFORE, REPLACED, PENDING, STATES, TAKEN_BACK)  # of a run, not of its request


@dataclass(frozen=True, slots=True)
class Pass:
    """Frames `low` to `high` that finished runs tracked in one direction."""

    reverse: bool
    low: int
    high: int


@dataclass(slots=True)
class Finished:
    """Base of a stretch: the states of frames then, the passes, and runs of those masks.

    `starts` are the corrections of stretch runs that were not finished since.
    """

    states: Mapping[int, str]
    conditioning: str
    runs: frozenset[int]
    passes: list[Pass] = field(default_factory=list)
    starts: set[int] = field(default_factory=set)


def pair_name(key: SessionKey) -> str:
    """Name a pair in the parameters of a job."""
    return f"{key.instance_id}/{key.region}"


def states_of(tx: Transaction, key: SessionKey) -> dict[int, str]:
    """Read the digests of the frames that a person prompted or marked absent."""
    absent = [row for row in unprompted_frames(tx, key) if row.state.absent]
    return dict(prompted_digests(tx, key)) | {row.frame_idx: row.state.digest for row in absent}


def find_stretches(
    tx: Transaction, key: SessionKey, plan: RunPlan, alike: Mapping[str, Any], approved: OnApproved
) -> list[Stretch] | None:
    """Find a pair's stretches; None if it has to be tracked in full, for lack of a finished run.

    `alike` are parameters, such as the network, that an earlier run must share. Empty: nothing
    changed.
    """
    done = _finished(tx, key, alike)
    if done is None or not _covers(done.passes, plan, plan.firsts[key]):
        return None
    now = states_of(tx, key)
    prompted = {row.frame_idx for row in prompted_frames(tx, key)}
    changed = {idx for idx in {*now, *done.states} if now.get(idx) != done.states.get(idx)}
    changed |= done.starts
    if any(not _reached(done.passes, frame_idx) for frame_idx in changed & prompted):
        return None
    masks = {row.frame_idx: row for row in list_masks(tx, key)}
    kept = {idx for idx, row in masks.items() if row.approved and approved is OnApproved.KEEP}
    foreign = {
        idx
        for idx, row in masks.items()
        if row.rejection is not None or (row.run is not None and row.run not in done.runs)
    }
    reached = {idx for part in done.passes for idx in range(part.low, part.high + 1)}
    missing = (reached - masks.keys()) | foreign
    starts = changed | (missing - prompted - kept)
    bounds = (prompted | kept) - changed
    stretches = [stretch for part in done.passes for stretch in _of_pass(key, part, starts, bounds)]
    if not changed:  # then nothing else can differ
        stretches = [stretch for stretch in stretches if stretch.starts]
    if not any(stretch.starts for stretch in stretches):
        return []
    return [clipped for stretch in stretches if (clipped := _clip(stretch, plan)) is not None]


def whole(key: SessionKey, plan: RunPlan) -> list[Stretch]:
    """Return what a full run visits of a pair."""
    first, found = plan.firsts[key], []
    if plan.direction != Direction.BACKWARD and first <= plan.end:
        begin = max(first, plan.start)
        found.append(Stretch(key, False, begin, plan.end, (begin,), whole=True))
    if plan.direction != Direction.FORWARD and first >= plan.start:
        begin = min(first, plan.end)
        found.append(Stretch(key, True, begin, plan.start, (begin,), whole=True))
    return found


def is_cut_short(tx: Transaction, key: SessionKey, plan: RunPlan, alike: Mapping[str, Any]) -> bool:
    """Return whether the range of a run leaves out frames that a stretch of a pair might reach."""
    done = _finished(tx, key, alike)
    return done is not None and any(
        part.low < plan.start or part.high > plan.end for part in done.passes
    )


def before_run(tx: Transaction, key: SessionKey, alike: Mapping[str, Any]) -> dict[str, Any]:
    """Describe what a pair is conditioned on now and the runs of its masks, for `BEFORE`."""
    done = _finished(tx, key, alike)
    return {
        "base": "" if done is None else done.conditioning,
        "runs": [[row.run, row.conditioning] for row in list_runs(tx, key)],
        "conditioned": [list(frame) for frame in conditioned_frames(tx, key)],
    }


def _of_pass(
    key: SessionKey, part: Pass, starts: Collection[int], bounds: Collection[int]
) -> Iterator[Stretch]:
    """Cut a pass at the frames that are not tracked anew."""
    frames = range(part.low, part.high + 1)
    own: list[int] = []
    for frame_idx in [*(reversed(frames) if part.reverse else frames), None]:
        if frame_idx is not None and frame_idx not in bounds:
            own.append(frame_idx)
        elif own:
            begun = tuple(idx for idx in own if idx in starts)
            yield Stretch(key, part.reverse, own[0], own[-1], begun)
            own = []


def _clip(stretch: Stretch, plan: RunPlan) -> Stretch | None:
    """Return the part of a stretch within the range of a run."""
    frames = [idx for idx in stretch.frames if plan.start <= idx <= plan.end]
    if not frames:
        return None
    starts = tuple(idx for idx in stretch.starts if plan.start <= idx <= plan.end)
    return replace(stretch, first=frames[0], last=frames[-1], starts=starts)


def _covers(passes: Sequence[Pass], plan: RunPlan, first: int) -> bool:
    """Return whether finished runs went over all that a run asks for."""

    def has(reverse: bool) -> bool:
        low, high = (plan.start, first) if reverse else (first, plan.end)
        low, high = max(low, plan.start), min(high, plan.end)
        # the first prompt may be a correction before what was tracked; `_reached` tells
        return low > high or any(
            part.reverse == reverse and (part.low <= low if reverse else high <= part.high)
            for part in passes
        )

    wanted = {Direction.FORWARD: (False,), Direction.BACKWARD: (True,)}
    return all(has(reverse) for reverse in wanted.get(plan.direction, (False, True)))


def _reached(passes: Sequence[Pass], frame_idx: int) -> bool:
    return any(part.low <= frame_idx <= part.high for part in passes)


def _finished(tx: Transaction, key: SessionKey, alike: Mapping[str, Any]) -> Finished | None:
    """Read the newest finished run of a pair; None if a full run was begun since, or there is none.

    A run of another network, or begun by an older version, does not count.
    """
    conditionings = {row.run: row.conditioning for row in list_runs(tx, key)}
    jobs = _newest_jobs(tx, key)
    starts: set[int] = set()
    for run in sorted(jobs, reverse=True):
        job = jobs[run]
        if pair_name(key) not in job.params.get(STATES, {}):
            if run in conditionings:
                return None
            continue  # not begun, or taken back
        if any(job.params.get(name, value) != value for name, value in alike.items()):
            return None
        plan = RunPlan.from_json(key.video_id, job.params)
        conditioning = conditionings.get(run, "")
        cut = pair_name(key) in job.params.get(CUT_SHORT, ())
        if job.state is JobState.DONE and conditioning and not cut:
            states = {int(idx): digest for idx, digest in job.params[STATES][pair_name(key)]}
            done = Finished(states, conditioning, frozenset(), [], starts)
            _add_passes(done, key, jobs, conditionings)
            return done
        if not plan.is_stretched(key):
            return None
        for stretch in plan.stretches or ():
            if stretch.key == key:
                starts |= set(stretch.starts)
    return None


def _add_passes(
    done: Finished, key: SessionKey, jobs: Mapping[int, JobRow], conditionings: Mapping[int, str]
) -> None:
    """Add the passes of the finished runs whose masks are valid beside those of the newest."""
    now = done.conditioning.rstrip("~")
    done.runs = frozenset(run for run, text in conditionings.items() if is_from(text, now))
    for run in sorted(done.runs & jobs.keys()):
        plan = RunPlan.from_json(key.video_id, jobs[run].params)
        if jobs[run].state is JobState.DONE and not plan.is_stretched(key):
            own = [stretch for stretch in plan.stretches or () if stretch.key == key]
            for stretch in own or whole(key, plan):
                low, high = sorted((stretch.first, stretch.last))
                done.passes.append(Pass(stretch.reverse, low, high))


def _newest_jobs(tx: Transaction, key: SessionKey) -> dict[int, JobRow]:
    """Read the newest job of each run of a pair that was not taken back."""
    pair = (key.instance_id, key.region)
    found = {}
    for job in list_jobs(tx):
        pairs = [(row["instance_id"], row["region"]) for row in job.params.get("pairs", ())]
        if job.kind != KIND or pair not in pairs:
            continue
        if pair_name(key) not in job.params.get(TAKEN_BACK, {}):
            found[job.run] = job
    return found
