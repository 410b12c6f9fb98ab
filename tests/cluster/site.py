"""A cluster as its users meet it: head and nodes, two web processes, and nginx before them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.cluster.calls import owner, pid_of
from tests.journeys.page import Page
from tests.journeys.test_kills import FRAMES
from tests.nginx import ClusterNginx
from tests.processes import free_port
from tests.ray_cluster import RayCluster, running_cluster
from tests.video_steps import wait_until
from tests.workspace_dirs import WorkspaceDirs

NODES = 3
NAMES = ("first", "second")


class Site:
    """Everything that may die; the video is `clip`."""

    def __init__(
        self, cluster: RayCluster, servers: list[LiveServer], nginx: ClusterNginx, url: str
    ) -> None:
        self.cluster = cluster
        self.servers = servers
        self.nginx = nginx
        self.url = url
        self.folder = servers[0].dirs.outputs / "clip"

    def server_of(self, page: Page) -> LiveServer:
        """The web process that a page is connected to."""
        page.until(lambda: page.upstream)
        port = int(page.upstream.rpartition(":")[2])
        (server,) = (server for server in self.servers if server.port == port)
        return server

    def writer(self) -> tuple[Popen[bytes], int]:
        """The node and the process of the actor that writes to the clip, once one lives."""
        found: list[tuple[Popen[bytes], int]] = []

        def is_found() -> bool:
            pid = pid_of(owner(self.folder))
            found.extend((n, pid) for n in self.cluster.nodes if pid in self.cluster.actors(n))
            return bool(found)

        wait_until(is_found)
        return found[0]


def kill_all(pids: list[int]) -> None:
    """SIGKILL to each."""
    assert pids, "there is nobody to kill"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@contextmanager
def running_site(dirs: WorkspaceDirs, folder: Path, nodes: int = NODES) -> Iterator[Site]:
    """Start everything over a clip; logs go to `folder`."""
    make_moving_clip(dirs.videos / "clip.mp4", FRAMES)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster(nodes))
        options = ("--engine", "ray", "--ray-address", cluster.address, "--precision", "fp32")
        options += ("--public-url", url, "--no-auth")
        servers = [
            stack.enter_context(LiveServer(dirs, folder / f"{name}.log", *options))
            for name in NAMES
        ]
        upstreams = (servers[0].port, servers[1].port)
        nginx = stack.enter_context(ClusterNginx(upstreams, port, folder))
        yield Site(cluster, servers, nginx, url)
