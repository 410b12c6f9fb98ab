"""Background jobs are found after a restart, with how they ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import JobNotFound, NothingToDo
from sam2_session.core.events import EventBus
from sam2_session.core.types import UNFINISHED
from sam2_session.runtime import Signal
from sam2_session.services.jobs.background import BackgroundJob, FramesDone, background_queue
from sam2_session.services.jobs.journal import KEPT, JobJournal
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.storage.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, tmp_path)


def found_again(workspace: Workspace) -> JobRegistry:
    """List the jobs of the next process; it knows no video but `clip`."""
    registry = JobRegistry(EventBus())
    JobJournal(workspace).restore(registry, lambda video_id: video_id == "clip")
    return registry


def three_steps(_: BackgroundJob) -> FramesDone:
    yield from range(3)


def fail(_: BackgroundJob) -> FramesDone:
    yield 0
    raise NothingToDo("There is nothing in it.", hint="Choose more.")


def test_how_jobs_ended_is_known_after_a_restart(workspace: Workspace) -> None:
    registry, reached, go = JobRegistry(EventBus()), Signal(), Signal()
    queue = background_queue(registry, JobJournal(workspace).note)

    def wait(_: BackgroundJob) -> FramesDone:
        reached.set()
        go.wait()
        yield 0

    made: list[tuple[str, Any]] = [("done", three_steps), ("failed", fail), ("cut", wait)]
    for job_id, steps in made:
        queue.submit(BackgroundJob(job_id, "export", "clip", 3, steps, details={"format": "coco"}))
    queue.submit(BackgroundJob("other", "export", "deleted", 3, three_steps))
    reached.wait()

    after = found_again(workspace)

    go.set()
    queue.close()
    done, failed, cut = (after.get(job_id) for job_id, _ in made)
    assert (done["state"], done["done"], done["format"]) == ("done", 3, "coco")
    assert (failed["state"], failed["error"]["message"]) == ("failed", "There is nothing in it.")
    assert (cut["state"], cut["error"]["hint"]) == ("failed", "Ask for it again.")
    with pytest.raises(JobNotFound):
        after.get("other")


def test_a_damaged_list_of_jobs_is_an_empty_one(workspace: Workspace) -> None:
    workspace.jobs_path.write_bytes(b'{"jobs": [{"job_id": [[[')

    assert found_again(workspace).jobs() == []


def test_only_the_newest_jobs_are_kept(workspace: Workspace) -> None:
    journal = JobJournal(workspace)
    for number in range(KEPT + 5):
        journal.note(BackgroundJob(f"job-{number}", "export", "clip", 3, three_steps))

    jobs = found_again(workspace).jobs()

    assert [jobs[0].job_id, jobs[-1].job_id] == ["job-5", f"job-{KEPT + 4}"]
    assert not any(job.state in UNFINISHED for job in jobs)
