"""A batch processed on a cluster uses all its devices, and makes the bytes of one machine."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sam2_session.hosts.base import DEFAULT_FACTORY, GATEWAY_FACTORY
from sam2_session.hosts.process import ProcessHost
from sam2_session.storage.lease_owners import CLUSTER_FOLDER
from tests.annotating import make_moving_clip, settings_of
from tests.cluster.calls import answered, click, is_ready, owner, pid_of
from tests.journeys import disk
from tests.ray_cluster import RayCluster, needs_ray
from tests.video_steps import wait_until

pytestmark = [needs_ray, pytest.mark.slow]
VIDEOS = ("a", "b", "c", "d")
FRAMES = 40


def test_a_batch_is_spread_and_outlives_its_home(cluster: RayCluster, tmp_path: Path) -> None:
    alone, _ = processed(tmp_path / "alone", None)
    spread, owners = processed(tmp_path / "spread", cluster)

    assert spread == alone
    assert [len(masks) for masks in alone.values()] == [FRAMES] * len(VIDEOS)
    assert len(owners) == 2


def processed(
    folder: Path, cluster: RayCluster | None
) -> tuple[dict[str, dict[str, bytes]], set[str]]:
    """The masks of each video, and the members that tracked one before home was killed."""
    address = {"engine": "ray", "ray_address": cluster.address} if cluster else {}
    settings = settings_of(folder, **address)
    settings.videos_dir.mkdir(parents=True)
    for name in VIDEOS:
        make_moving_clip(settings.videos_dir / f"{name}.mp4", FRAMES)
    host = ProcessHost(settings, factory=GATEWAY_FACTORY if cluster else DEFAULT_FACTORY)
    owners: set[str] = set()
    try:
        for seq, name in enumerate(VIDEOS, 1):
            wait_until(lambda name=name: is_ready(host, name))
            click(host, name, seq)
        answered(host, "create_batch", name="long", video_ids=list(VIDEOS))
        job_id = answered(host, "process_batch", batch_id="long")["job_id"]
        if cluster:
            wait_until(lambda: answered(host, "get_job", job_id=job_id)["done"] > 0)
            owners = {owner(settings.outputs_dir / name) for name in VIDEOS}
            kill_home(settings.outputs_dir)
        wait_until(lambda: answered(host, "get_job", job_id=job_id)["state"] == "done")
        items = answered(host, "get_batch", batch_id="long")["items"]
        assert [row["state"] for row in items] == ["processed"] * len(VIDEOS), items
    finally:
        host.close()
    return {name: disk.mask_files(settings.outputs_dir / name) for name in VIDEOS}, owners


def kill_home(outputs_dir: Path) -> None:
    """Kill the member that processes the batch; another becomes home and goes on."""
    os.kill(pid_of(owner(outputs_dir / CLUSTER_FOLDER)), signal.SIGKILL)
