"""Merges what several members answer into the answer of one server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SUMMED = ("open_videos", "viewed_videos", "jobs", "sessions", "listener_errors", "waiting")
Rows = list[dict[str, Any]]


def merge_videos(all_videos: Rows, of_members: Iterable[Rows]) -> Rows:
    """Take each video as its own member describes it, in the order of the whole list."""
    known = {row["video_id"]: row for rows in of_members for row in rows}
    return [known.get(row["video_id"], row) for row in all_videos]


def merge_jobs(answers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """List the jobs of all members; one that moved while they answered comes once."""
    jobs = {job["job_id"]: job for answer in answers for job in answer["jobs"]}
    return {"jobs": list(jobs.values())}


def merge_figures(answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up the figures of all members; the first one's stand for what they share."""
    merged = dict(answers[0]) if answers else {}
    for name in SUMMED:
        if name in merged:
            merged[name] = sum(answer.get(name, 0) for answer in answers)
    return merged
