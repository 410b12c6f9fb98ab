from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from sam2_session.core.errors import Conflict, NothingToDo
from sam2_session.core.events import Event, EventBus
from sam2_session.core.types import JobState
from sam2_session.services.jobs.background import (
    MAX_WAITING,
    BackgroundJob,
    background_queue,
    no_work,
)
from sam2_session.services.jobs.registry import JobRegistry


class Desk:
    """A runner, what it announced, and jobs that wait to be let on."""

    def __init__(self) -> None:
        bus = EventBus()
        self.events: list[Event] = []
        bus.subscribe(self.events.append)
        self.jobs = JobRegistry(bus)
        self.queue = background_queue(self.jobs)
        self.go = threading.Semaphore(0)
        self.closed: list[str] = []
        self.cleaned: list[str] = []

    def submit(self, job_id: str, steps: int = 2, error: Exception | None = None) -> BackgroundJob:
        def work(_: BackgroundJob) -> Any:
            try:
                for step in range(steps):
                    assert self.go.acquire(timeout=120)
                    yield step
                if error:
                    raise error
            finally:
                self.closed.append(job_id)

        clean_up = partial(self.cleaned.append, job_id)
        job = BackgroundJob(job_id, "export", "clip", steps, work, clean_up=clean_up)
        self.queue.submit(job)
        return job

    def until(self, true: Callable[[], bool]) -> None:
        end_s = time.monotonic() + 120
        while not true():
            assert time.monotonic() < end_s
            time.sleep(0.002)

    def ended(self) -> list[tuple[str, str]]:
        data = [event.data for event in self.events if event.name == "job_ended"]
        return [(one["job_id"], one["state"]) for one in data]


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    for _ in range(200):
        desk.go.release()
    desk.queue.close()


def test_a_job_counts_its_steps_and_ends(desk: Desk) -> None:
    job = desk.submit("a", steps=3)
    for _ in range(3):
        desk.go.release()
    desk.until(lambda: desk.ended() == [("a", "done")])

    assert (job.done, job.total, job.progress.frame_idx) == (3, 3, 2)
    assert desk.events[-1].video_id == "clip"


def test_jobs_go_one_at_a_time_in_their_order(desk: Desk) -> None:
    first, second = desk.submit("a"), desk.submit("b")
    desk.until(lambda: first.state == "running")

    assert (second.state, second.to_wire()["position"]) == ("queued", 1)
    for _ in range(4):
        desk.go.release()
    desk.until(lambda: desk.ended() == [("a", "done"), ("b", "done")])


def test_a_running_job_is_stopped_before_its_next_step(desk: Desk) -> None:
    job = desk.submit("a", steps=5)
    desk.until(lambda: job.state == "running")
    desk.jobs.cancel("a")
    desk.go.release()
    desk.until(lambda: desk.ended() == [("a", "cancelled")])

    assert (desk.closed, desk.cleaned) == (["a"], ["a"])
    assert job.done == 1


def test_a_waiting_job_is_cancelled_at_once_and_cleaned_up(desk: Desk) -> None:
    first = desk.submit("a")
    desk.submit("b")
    desk.until(lambda: first.state == "running")

    answer = desk.jobs.cancel("b")

    assert answer["state"] == "cancelled"
    assert (desk.closed, desk.cleaned) == ([], ["b"])


def test_who_moves_up_is_told_and_nobody_else(desk: Desk) -> None:
    first = desk.submit("a")
    desk.until(lambda: first.state == "running")
    for job_id in ("b", "c", "d"):
        desk.submit(job_id)
    desk.events.clear()

    desk.jobs.cancel("c")

    told = [(event.name, event.data["job_id"], event.data["position"]) for event in desk.events]
    assert told == [("job_progress", "d", 2), ("job_ended", "c", None)]


def test_a_job_is_submitted_once(desk: Desk) -> None:
    job = desk.submit("a")

    assert not desk.queue.submit(BackgroundJob("a", "export", "clip", 1, job.make_steps))


def test_a_job_that_ended_before_is_listed_only(desk: Desk) -> None:
    job = BackgroundJob("old", "export", "clip", 3, no_work, details={"label": "DAVIS"})
    job.end(JobState.FAILED, {"code": "cancelled"})

    assert desk.queue.submit(job)
    assert desk.jobs.cancel("old")["state"] == "failed"
    assert desk.jobs.get("old")["label"] == "DAVIS"
    assert desk.events == []


def test_a_job_that_ended_cannot_be_cancelled_any_more(desk: Desk) -> None:
    desk.submit("a", steps=0)
    desk.until(lambda: desk.ended() == [("a", "done")])

    assert desk.jobs.cancel("a")["state"] == "done"
    assert desk.cleaned == ["a"]


def test_a_stop_of_the_server_neither_ends_a_job_nor_cleans_up(desk: Desk) -> None:
    job = desk.submit("a", steps=5)
    desk.until(lambda: job.state == "running")
    closer = threading.Thread(target=desk.queue.close)
    closer.start()
    desk.until(lambda: desk.queue.is_closing)
    desk.go.release()
    closer.join()

    assert (desk.closed, desk.cleaned, desk.ended()) == (["a"], [], [])


def test_an_error_is_the_job_s_and_the_next_one_goes_on(desk: Desk) -> None:
    job = desk.submit("a", steps=0, error=NothingToDo("No.", hint="Draw something."))
    desk.submit("b", steps=0)
    desk.until(lambda: desk.ended() == [("a", "failed"), ("b", "done")])

    assert job.error == {"code": "nothing_to_do", "message": "No.", "hint": "Draw something."}


def test_a_video_that_is_deleted_waits_for_its_job(desk: Desk) -> None:
    job = desk.submit("a", steps=5)
    desk.until(lambda: job.state == "running")
    deleter = threading.Thread(target=desk.jobs.cancel_video, args=["clip"])
    deleter.start()
    desk.until(job.cancelled.is_set)
    assert deleter.is_alive()

    desk.go.release()
    deleter.join(120)

    assert (desk.closed, job.state) == (["a"], "cancelled")


def test_too_many_at_once_are_refused(desk: Desk) -> None:
    first = desk.submit("first")
    desk.until(lambda: first.state == "running")
    for number in range(MAX_WAITING):
        desk.submit(str(number))

    with pytest.raises(Conflict, match="wait already"):
        desk.submit("one more")
