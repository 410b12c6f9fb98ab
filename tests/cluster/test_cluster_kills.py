"""SIGKILL of actors, nodes, gateway and web process of a real Ray cluster, under clicks."""

from __future__ import annotations

import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.journeys import disk
from tests.journeys.page import Page
from tests.journeys.test_kills import (
    FRAMES,
    REGIONS,
    accepted,
    assert_done,
    click_about,
    prepare,
    run,
    undisturbed,
)
from tests.ray_cluster import RayCluster, needs_ray, running_cluster
from tests.workspace_dirs import WorkspaceDirs

pytestmark = [needs_ray, pytest.mark.slow]
ROUNDS = int(os.environ.get("CLUSTER_KILL_ROUNDS", "1"))  # of one kill of each victim
VICTIMS = ("actor", "gateway", "node", "web process")
BACK_S = 600.0  # on a busy machine; the times are printed


@pytest.fixture
def cluster() -> Iterator[RayCluster]:
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def server(
    cluster: RayCluster, workspace_dirs: WorkspaceDirs, tmp_path: Path
) -> Iterator[LiveServer]:
    make_moving_clip(workspace_dirs.videos / "clip.mp4", FRAMES)
    options = ("--engine", "ray", "--ray-address", cluster.address, "--precision", "fp32")
    for _ in range(2):
        cluster.add_node()
    with LiveServer(workspace_dirs, tmp_path / "server.log", *options) as server:
        yield server


def test_nothing_acknowledged_is_lost_whatever_is_killed(
    cluster: RayCluster, server: LiveServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = random.Random(ROUNDS)
    ada, bob = (Page(server.url, name) for name in REGIONS)
    prepare(bob)
    back_s: dict[str, list[float]] = {victim: [] for victim in VICTIMS}
    for count in range(ROUNDS * len(VICTIMS)):
        click_about(ada, dice)
        run(bob)
        time.sleep(dice.uniform(0, 0.8))
        victim = VICTIMS[count % len(VICTIMS)]
        back_s[victim].append(seconds_until_served(cluster, server, ada, victim))
        with capsys.disabled():
            sys.stdout.write(f"{victim} {back_s[victim][-1]:.1f} s\n")
    assert_done(bob, run(bob))
    assert_done(ada, run(ada))
    folder = server.dirs.outputs / "clip"
    disk.until_whole(folder)
    for page in (ada, bob):
        page.close()
        assert disk.ops_of(folder, page.client_id) == accepted(page)
    assert disk.mask_files(folder) == undisturbed(disk.points(folder), tmp_path)
    with capsys.disabled():
        sys.stdout.write(f"\n{len(ada.acks) + len(bob.acks)} ops\n")
        for victim, took_s in back_s.items():
            middle, most = statistics.median(took_s), max(took_s)
            sys.stdout.write(
                f"{victim}: {len(took_s)} kills, serves again after {middle:.1f} s,"
                f" {most:.1f} s at most\n"
            )


def seconds_until_served(cluster: RayCluster, server: LiveServer, page: Page, victim: str) -> float:
    """Measure from the kill to the next acknowledged command."""
    started_s = time.monotonic()
    if victim == "web process":
        server.kill()
        server.start()
    elif victim == "gateway":
        kill_all(server.session_pids)
    else:
        node = node_of(cluster, server)
        if victim == "actor":
            page.until(lambda: cluster.actors(node))
            kill_all(cluster.actors(node))
        else:
            cluster.kill_node(node)
            cluster.add_node()
    page.wait(page.act("add_point", 5, x=1.0, y=1.0, label=0))
    took_s = time.monotonic() - started_s
    assert took_s < BACK_S, server.tail()
    return took_s


def node_of(cluster: RayCluster, server: LiveServer) -> subprocess.Popen[bytes]:
    """The node whose actor is the writer of the clip, by its lease."""
    (lease,) = (server.dirs.outputs / "clip").glob(".lease-*")
    text = lease.read_text()
    for node in cluster.nodes:
        if any(f"-{pid}-" in text for pid in cluster.actors(node)):
            return node
    return cluster.nodes[0]


def kill_all(pids: list[int]) -> None:
    assert pids, "there is nobody to kill"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
