from __future__ import annotations

from typing import Any

import pytest

from sam2_session.core.errors import JobNotFound
from sam2_session.core.events import Event, EventBus
from sam2_session.core.types import JobState
from sam2_session.models.registry import ModelSpec
from sam2_session.services.jobs.background import BackgroundJob, no_work
from sam2_session.services.jobs.registry import KEPT_ENDED, JobRegistry
from sam2_session.services.models.download import ModelDownload


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def registry(told: list[Event]) -> JobRegistry:
    bus = EventBus()
    bus.subscribe(told.append)
    return JobRegistry(bus)


def job(
    job_id: str, state: JobState = JobState.QUEUED, video_id: str = "clip", kind: str = "export"
) -> BackgroundJob:
    made = BackgroundJob(job_id, kind, video_id, 1, no_work)
    if state is not JobState.QUEUED:
        made.end(state, None)
    return made


def ids(registry: JobRegistry, video_id: str | None = None) -> list[str]:
    return [listed["job_id"] for listed in registry.list(video_id)["jobs"]]


def download() -> ModelDownload:
    return ModelDownload(ModelSpec(name="big", config="config.yaml", checkpoint="big.pt"))


def test_a_job_is_listed_once(registry: JobRegistry) -> None:
    assert registry.add(job("a"))
    assert not registry.add(job("a"))


def test_a_job_may_take_an_id_over(registry: JobRegistry) -> None:
    registry.add(job("a", JobState.FAILED))
    registry.add(job("b"))

    assert registry.add(job("a"), replace=True)
    assert ids(registry) == ["b", "a"]
    assert registry.get("a")["state"] == "queued"


def test_jobs_are_listed_by_video(registry: JobRegistry) -> None:
    for listed in (job("a", video_id="one"), job("b", video_id="two"), download()):
        registry.add(listed)

    assert ids(registry, "two") == ["b"]
    assert ids(registry) == ["a", "b", "model-big"]


@pytest.mark.parametrize("job_id", ["unknown", "", None, 3, ["a"]])
def test_an_unknown_job_is_not_found(registry: JobRegistry, job_id: Any) -> None:
    registry.add(job("a"))

    for call in (registry.get, registry.cancel):
        with pytest.raises(JobNotFound):
            call(job_id)


def test_an_announcement_goes_where_the_job_s_video_is_open(
    registry: JobRegistry, told: list[Event]
) -> None:
    registry.announce(job("a"))
    registry.announce_end(download())

    assert [(event.name, event.video_id) for event in told] == [
        ("job_progress", "clip"),
        ("job_ended", None),
    ]


def test_the_oldest_that_ended_are_forgotten_by_kind_and_video(registry: JobRegistry) -> None:
    kept = [job("waits"), job("other", JobState.DONE, "two"), job("run", JobState.DONE, kind="x")]
    ended = [job(str(number), JobState.DONE) for number in range(KEPT_ENDED + 1)]
    for listed in [*kept, *ended]:
        registry.add(listed)

    registry.announce_end(ended[-1])

    assert ids(registry) == ["waits", "other", "run", *map(str, range(1, KEPT_ENDED + 1))]


def test_every_kind_has_the_same_keys(registry: JobRegistry) -> None:
    assert list(download().to_wire()) == list(job("a").to_wire())
