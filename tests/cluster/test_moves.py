"""A video leaves a drained or paused member of a real cluster, with its run; nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sam2_session.hosts.base import GATEWAY_FACTORY
from sam2_session.hosts.process import ProcessHost
from sam2_session.settings import Settings
from tests.annotating import make_moving_clip, settings_of
from tests.cluster.calls import click, is_ready, owner, pid_of
from tests.journeys import disk
from tests.processes import is_alive
from tests.ray_cluster import RayCluster, needs_ray
from tests.video_steps import wait_until

pytestmark = [needs_ray, pytest.mark.slow]
FRAMES = 60
ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(cluster: RayCluster, tmp_path: Path) -> Settings:
    settings = settings_of(tmp_path, engine="ray", ray_address=cluster.address)
    settings.videos_dir.mkdir()
    make_moving_clip(settings.videos_dir / "clip.mp4", FRAMES)
    return settings


@pytest.fixture
def host(settings: Settings) -> Iterator[ProcessHost]:
    host = ProcessHost(settings, factory=GATEWAY_FACTORY)
    wait_until(lambda: is_ready(host, "clip"))
    yield host
    host.close()


def test_a_video_leaves_a_drained_member_and_a_paused_one(
    cluster: RayCluster, host: ProcessHost, settings: Settings
) -> None:
    folder = settings.outputs_dir / "clip"
    first = owner(folder)
    click(host, "clip", 1)
    job_id = host.call("propagate", video_id="clip", pairs="all")["job_id"]

    administer(settings, "drain", first.partition("@")[0])
    wait_until(lambda: owner(folder).partition("@")[0] not in ("", first.partition("@")[0]))
    wait_until(lambda: host.call("get_job", job_id=job_id)["state"] == "done")
    administer(settings, "drain", first.partition("@")[0], "--off")

    assert len(disk.mask_files(folder)) == FRAMES
    second = owner(folder)
    paused = pid_of(second)
    os.kill(paused, signal.SIGSTOP)
    click(host, "clip", 2)
    assert owner(folder) not in ("", second)
    before = disk.ops_of(folder, "ada")
    os.kill(paused, signal.SIGCONT)
    wait_until(lambda: not is_alive(paused))
    click(host, "clip", 3)
    assert [*before, 3] == disk.ops_of(folder, "ada") == [1, 2, 3]
    disk.until_whole(folder)


def administer(settings: Settings, *words: str) -> None:
    """Run `cluster` as people do."""
    command = [sys.executable, "-m", "sam2_session", "cluster", *words]
    command += ["--ray-address", settings.ray_address]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.endswith("\n")  # else the shell's prompt follows at once
