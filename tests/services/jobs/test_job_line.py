from __future__ import annotations

import pytest

from sam2_session.core.events import Event, EventBus
from sam2_session.core.types import JobState
from sam2_session.services.jobs.job_line import JobLine
from sam2_session.services.jobs.side_jobs import SideJob, Steps


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def line(told: list[Event]) -> JobLine[SideJob]:
    bus = EventBus()
    bus.subscribe(told.append)
    return JobLine(bus)


def job(job_id: str, state: JobState = JobState.QUEUED, video_id: str = "clip") -> SideJob:
    def work(_: SideJob) -> Steps:
        yield None

    return SideJob(job_id, "export", video_id, 1, work, state=state)


def test_who_moves_up_is_told_and_nobody_else(line: JobLine[SideJob], told: list[Event]) -> None:
    first, second = job("a"), job("b")
    line.remember(first)
    line.remember(second)
    line.move_up()
    told.clear()

    first.state = JobState.RUNNING
    line.move_up()
    line.move_up()

    assert [(one.data["job_id"], one.data["position"]) for one in told] == [("b", 1)]


def test_a_job_is_remembered_once(line: JobLine[SideJob]) -> None:
    assert line.remember(job("a"))
    assert not line.remember(job("a"))


def test_only_those_that_wait_are_too_many(line: JobLine[SideJob]) -> None:
    line.remember(job("a", JobState.RUNNING))

    assert line.remember(job("b"), most_waiting=1)
    assert not line.remember(job("c"), most_waiting=1)
    assert line.find("c") is None


def test_the_oldest_that_ended_are_forgotten(line: JobLine[SideJob]) -> None:
    for job_id, state in (("a", JobState.DONE), ("b", JobState.RUNNING), ("c", JobState.FAILED)):
        line.remember(job(job_id, state))

    line.forget_ended(kept=1)

    assert [one.job_id for one in line.jobs()] == ["b", "c"]


def test_jobs_are_listed_by_video(line: JobLine[SideJob]) -> None:
    line.remember(job("a", video_id="one"))
    line.remember(job("b", video_id="two"))

    assert [one.job_id for one in line.jobs("two")] == ["b"]
    assert [one.job_id for one in line.jobs()] == ["a", "b"]
