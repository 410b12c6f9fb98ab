from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sam2_session.core.errors import Conflict, NothingToDo
from sam2_session.core.events import Event, EventBus
from sam2_session.services.jobs.side_jobs import MAX_WAITING, SideJob, SideJobs


class Desk:
    """A runner, what it announced, and jobs that wait to be let on."""

    def __init__(self) -> None:
        bus = EventBus()
        self.events: list[Event] = []
        bus.subscribe(self.events.append)
        self.jobs = SideJobs(bus)
        self.go = threading.Semaphore(0)
        self.closed: list[str] = []

    def submit(self, job_id: str, steps: int = 2, error: Exception | None = None) -> SideJob:
        def work(_: SideJob) -> Any:
            try:
                for step in range(steps):
                    assert self.go.acquire(timeout=120)
                    yield step
                if error:
                    raise error
            finally:
                self.closed.append(job_id)

        job = SideJob(job_id, "export", "clip", steps, work, lambda: self.closed.append(job_id))
        self.jobs.submit(job)
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
    desk.jobs.close()


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

    assert desk.closed == ["a"]
    assert job.done == 1


def test_a_waiting_job_is_cancelled_at_once(desk: Desk) -> None:
    desk.submit("a")
    desk.submit("b")

    answer = desk.jobs.cancel("b")

    assert answer is not None
    assert answer["state"] == "cancelled"
    assert desk.closed == ["b"]


def test_an_error_is_the_job_s_and_the_next_one_goes_on(desk: Desk) -> None:
    job = desk.submit("a", steps=0, error=NothingToDo("No.", hint="Draw something."))
    desk.submit("b", steps=0)
    desk.until(lambda: desk.ended() == [("a", "failed"), ("b", "done")])

    assert job.error == {"code": "nothing_to_do", "message": "No.", "hint": "Draw something."}


def test_a_video_that_is_deleted_waits_for_its_job(desk: Desk) -> None:
    job = desk.submit("a", steps=5)
    desk.until(lambda: job.state == "running")
    deleting = threading.Thread(target=desk.jobs.cancel_video, args=("clip",))
    deleting.start()
    desk.until(job.cancelled.is_set)
    assert deleting.is_alive()

    desk.go.release()
    deleting.join(120)

    assert not deleting.is_alive()
    assert (desk.closed, job.done) == (["a"], 1)


def test_too_many_at_once_are_refused(desk: Desk) -> None:
    first = desk.submit("first")
    desk.until(lambda: first.state == "running")
    for number in range(MAX_WAITING):
        desk.submit(str(number))

    with pytest.raises(Conflict, match="wait already"):
        desk.submit("one more")


def test_what_is_not_of_this_runner_is_left_to_others(desk: Desk) -> None:
    assert desk.jobs.cancel("unknown") is None
    assert desk.jobs.find(["a"]) is None
