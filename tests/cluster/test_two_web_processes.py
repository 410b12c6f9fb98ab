"""Two web processes of one cluster behind nginx: any of the three may die while people click."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
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
from tests.nginx import ClusterNginx
from tests.processes import free_port
from tests.ray_cluster import needs_ray, running_cluster
from tests.workspace_dirs import WorkspaceDirs

pytestmark = [needs_ray, pytest.mark.slow]
KILLS = int(os.environ.get("CLUSTER_KILL_ROUNDS", "1")) * 3

Site = tuple[str, list[LiveServer], ClusterNginx]


@pytest.fixture
def address() -> Iterator[str]:
    with running_cluster() as cluster:
        cluster.add_node()
        yield cluster.address


@pytest.fixture
def site(address: str, workspace_dirs: WorkspaceDirs, tmp_path: Path) -> Iterator[Site]:
    """The address of nginx, the servers behind it, and nginx itself."""
    make_moving_clip(workspace_dirs.videos / "clip.mp4", FRAMES)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--engine", "ray", "--ray-address", address, "--precision", "fp32")
    options += ("--public-url", url, "--no-auth")
    with ExitStack() as stack:
        servers = [
            stack.enter_context(LiveServer(workspace_dirs, tmp_path / f"{name}.log", *options))
            for name in ("first", "second")
        ]
        ports = (servers[0].port, servers[1].port)
        nginx = stack.enter_context(ClusterNginx(ports, port, tmp_path))
        yield url, servers, nginx


def test_people_go_on_whichever_process_dies(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, servers, nginx = site
    dice = random.Random(KILLS)
    ada, bob = (Page(url, name) for name in REGIONS)
    prepare(bob)
    for count in range(KILLS):
        click_about(ada, dice)
        seq = run(bob)
        victim = (*servers, nginx)[count % 3]
        victim.stop(signal.SIGKILL)
        if victim is nginx:
            nginx.start()
        ada.wait(ada.act("add_point", 5, x=1.0, y=1.0, label=0))
        bob.wait(seq)
        if victim is not nginx:
            victim.start()
    see_each_other(ada, bob)
    only_they_are_there(ada, bob)
    assert_done(bob, run(bob))
    assert_done(ada, run(ada))

    folder = servers[0].dirs.outputs / "clip"
    disk.until_whole(folder)
    for page in (ada, bob):
        page.close()
        assert disk.ops_of(folder, page.client_id) == accepted(page)
    assert disk.mask_files(folder) == undisturbed(disk.points(folder), tmp_path)
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills, {len(ada.acks) + len(bob.acks)} ops\n")


def only_they_are_there(*pages: Page) -> None:
    """Wait until connections that died with their web process are no longer shown."""
    pages[0].until(lambda: len(pages[0].of("presence")[-1]["clients"]) == len(pages))


def see_each_other(*pages: Page) -> None:
    """Wait until the pages hear of each other, on any web process."""
    wanted = {page.client_id for page in pages}

    def sees_all(page: Page) -> bool:
        told = page.of("presence")
        return bool(told) and {row["client_id"] for row in told[-1]["clients"]} >= wanted

    for page in pages:
        page.until(lambda page=page: sees_all(page))
