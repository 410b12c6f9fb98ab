"""Background jobs are found after a restart, with how they ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import JobNotFound, NothingToDo
from sam2_session.core.events import EventBus
from sam2_session.core.types import UNFINISHED, JobState
from sam2_session.runtime import Signal
from sam2_session.services.jobs.background import BackgroundJob, FramesDone, background_queue
from sam2_session.services.jobs.journal import KEPT, JobJournal
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.storage.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for video_id in ("clip", "deleted"):
        (tmp_path / video_id).mkdir()
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
    workspace.jobs_path("clip").write_bytes(b'{"jobs": [{"job_id": [[[')

    assert found_again(workspace).jobs() == []
    JobJournal(workspace).note(BackgroundJob("new", "export", "clip", 3, three_steps))
    assert [job.job_id for job in found_again(workspace).jobs()] == ["new"]


def test_two_servers_keep_each_others_jobs(workspace: Workspace) -> None:
    (workspace.outputs_dir / "other").mkdir()
    one, two = JobJournal(workspace), JobJournal(workspace)
    for number in range(2):
        one.note(BackgroundJob(f"a{number}", "export", "clip", 3, three_steps))
        two.note(BackgroundJob(f"b{number}", "export", "other", 3, three_steps))

    registry = JobRegistry(EventBus())
    JobJournal(workspace).restore(registry, lambda _: True, lambda video_id: video_id == "other")

    ended = BackgroundJob("b0", "export", "other", 3, three_steps)
    ended.end(JobState.DONE, None)
    two.note(ended)
    later = JobRegistry(EventBus())
    JobJournal(workspace).restore(later, lambda _: True, lambda video_id: video_id == "other")
    assert [job.job_id for job in registry.jobs()] == ["a0", "a1"]  # the others go on over there
    assert sorted(job.job_id for job in later.jobs()) == ["a0", "a1", "b0"]


def test_jobs_go_with_their_video(workspace: Workspace) -> None:
    journal, away = JobJournal(workspace), workspace.outputs_dir / ".trash"
    job = BackgroundJob("a", "export", "clip", 3, three_steps)
    journal.note(job)

    workspace.video_dir("clip").rename(away)
    journal.note(job)  # its end comes late

    assert found_again(workspace).jobs() == []
    assert not workspace.video_dir("clip").exists()
    away.rename(workspace.video_dir("clip"))
    assert [job.job_id for job in found_again(workspace).jobs()] == ["a"]


def test_the_one_file_of_older_versions_is_divided_among_the_videos(workspace: Workspace) -> None:
    jobs = [
        BackgroundJob(job_id, "export", video_id, 3, three_steps).to_wire()
        for job_id, video_id in (("a", "clip"), ("b", "gone"), ("c", "clip"))
    ]
    workspace.old_jobs_path.write_text(json.dumps({"jobs": jobs}), encoding="utf-8")

    assert [job.job_id for job in found_again(workspace).jobs()] == ["a", "c"]
    assert not workspace.old_jobs_path.exists()
    assert [job.job_id for job in found_again(workspace).jobs()] == ["a", "c"]


def test_only_the_newest_jobs_are_kept(workspace: Workspace) -> None:
    journal = JobJournal(workspace)
    for number in range(KEPT + 5):
        journal.note(BackgroundJob(f"job-{number}", "export", "clip", 3, three_steps))

    jobs = found_again(workspace).jobs()

    assert [jobs[0].job_id, jobs[-1].job_id] == ["job-5", f"job-{KEPT + 4}"]
    assert not any(job.state in UNFINISHED for job in jobs)
