"""Clients take turns in a queue: a hundred jobs of one delay another by one."""

from __future__ import annotations

from sam2_session.core.events import EventBus
from sam2_session.core.types import JobState
from sam2_session.runtime import Signal
from sam2_session.services.jobs.background import BackgroundJob, FramesDone
from sam2_session.services.jobs.job_queue import JobQueue
from sam2_session.services.jobs.registry import JobRegistry


def test_clients_take_turns() -> None:
    queue, order = JobQueue(JobRegistry(EventBus()), "turns"), list[str]()
    has_begun, may_go_on = Signal(), Signal()

    def submit(client_id: str | None, number: int) -> BackgroundJob:
        def work(job: BackgroundJob) -> FramesDone:
            has_begun.set()
            may_go_on.wait()
            order.append(job.job_id)
            yield 0

        job = BackgroundJob(f"{client_id}{number}", "export", "clip", 1, work)
        job.client_id = client_id
        queue.submit(job)
        return job

    submit("a", 0)
    has_begun.wait()
    waiting = [submit("a", number) for number in range(1, 4)]
    waiting += [submit("b", 0), submit(None, 0), submit("b", 1)]
    waiting[1].cancel()
    positions = {job.job_id: job.position for job in waiting}
    may_go_on.set()
    waiting[2].rested.wait()
    waiting[5].rested.wait()
    queue.close()

    assert order == ["a0", "a1", "b0", "None0", "a3", "b1"]
    assert positions == {"a1": 1, "b0": 2, "None0": 3, "a3": 4, "b1": 5, "a2": None}
    assert waiting[1].state is JobState.CANCELLED
