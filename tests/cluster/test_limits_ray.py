"""On a real cluster a client's limits and turns are those of one machine, not of each device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sam2_session.core.errors import ServerBusy, SessionError
from sam2_session.hosts.base import GATEWAY_FACTORY
from sam2_session.hosts.process import ProcessHost
from tests.annotating import make_moving_clip, settings_of
from tests.cluster.calls import answered, click, is_ready, owner, send
from tests.ray_cluster import RayCluster, needs_ray
from tests.video_steps import wait_until

pytestmark = [needs_ray, pytest.mark.slow]
VIDEOS = ("one", "two")
FRAMES = 200
REGIONS = ("overall", "wrist", "shaft", "gripper")


@pytest.fixture
def outputs_dir(tmp_path: Path) -> Path:
    return tmp_path / "outputs"


@pytest.fixture
def host(cluster: RayCluster, tmp_path: Path) -> Iterator[ProcessHost]:
    """A gateway of two members, with a video on each."""
    address = {"engine": "ray", "ray_address": cluster.address}
    settings = settings_of(tmp_path, **address, max_open_videos=1)
    settings.videos_dir.mkdir()
    with closing(ProcessHost(settings, factory=GATEWAY_FACTORY)) as host:
        wait_until(lambda: answered(host, "server_status")["members"] == 2)
        for name in VIDEOS:
            make_moving_clip(settings.videos_dir / f"{name}.mp4", FRAMES)
            wait_until(lambda name=name: is_ready(host, name))
        assert len({owner(settings.outputs_dir / name) for name in VIDEOS}) == 2
        yield host


def test_runs_on_one_device_count_on_another_and_open_videos_on_all(host: ProcessHost) -> None:
    for seq, region in enumerate(REGIONS, 1):
        click(host, "two", seq, region)
    click(host, "one", 5)
    begin_run(host, "one", "ada", 6, "overall")
    begin_run(host, "two", "ada", 7, "overall")
    for seq, region in ((8, "wrist"), (9, "shaft")):
        begin_run(host, "two", "ada", seq, region)
    begin_run(host, "two", "bob", 1, "gripper")

    wait_until(lambda: order(host) == ["gripper", "wrist", "shaft"])

    jobs = answered(host, "list_jobs")["jobs"]
    running = {job["video_id"]: job["pairs"][0]["region"] for job in jobs if is_running(job)}
    assert running == {"one": "overall", "two": "overall"}

    send(host, "open_video", "ada", 0, video_id="one")
    with pytest.raises(SessionError) as refused:
        send(host, "open_video", "bob", 0, video_id="two")
    assert refused.value.code == ServerBusy.code
    send(host, "open_video", "ada", 0, video_id="two")
    for job in jobs:
        answered(host, "cancel", job_id=job["job_id"])


def begin_run(host: ProcessHost, video_id: str, client_id: str, seq: int, region: str) -> None:
    pairs = [{"instance_id": 1, "region": region}]
    run = {"video_id": video_id, "pairs": pairs, "direction": "both", "force": True}
    send(host, "propagate", client_id, seq, **run)


def order(host: ProcessHost) -> list[str]:
    """The regions of the waiting runs, the next one first."""
    jobs = answered(host, "list_jobs")["jobs"]
    waiting = [job for job in jobs if job["position"] is not None]
    return [
        str(job["pairs"][0]["region"]) for job in sorted(waiting, key=lambda job: job["position"])
    ]


def is_running(job: dict[str, object]) -> bool:
    return job["state"] == "running"
