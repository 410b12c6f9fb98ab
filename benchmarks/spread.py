"""Measures how a batch speeds up with more nodes: ``python -m benchmarks.spread``.

Real Ray clusters of 1, 2 and 3 nodes on this machine process a batch of drawn clips. The network of
each node waits instead of computing, as if it had a GPU of its own (`waiting_member.py`): the cores
here are fewer than the nodes. Everything else is done. Efficiency is the speed-up over the nodes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.waiting_member import STEP_S
from sam2_session.core.errors import HostUnavailable, SessionError
from sam2_session.hosts.process import ProcessHost
from tests.annotating import BODY, make_moving_clip, settings_of
from tests.ray_cluster import running_cluster

GATEWAY = "benchmarks.waiting_member:build_gateway"
NODES = (1, 2, 3)
VIDEOS = 6
GOAL = 0.9


def main(argv: Sequence[str]) -> int:
    """Measure, and print a row for each number of nodes; 1 if the goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--frames", type=int, default=60, help="of each of the six videos")
    parser.add_argument("--small", action="store_true", help="10 frames: shows that it works")
    options = parser.parse_args(argv)
    frames = 10 if options.small else options.frames
    device_s, is_met = VIDEOS * frames * STEP_S, True
    alone_s = 0.0
    for nodes in NODES:
        took_s = measure(nodes, frames)
        alone_s = alone_s or took_s
        efficiency = alone_s / took_s / nodes
        is_met &= efficiency >= GOAL
        print(
            f"{nodes} nodes: {took_s:.1f} s for {VIDEOS * frames} frames"
            f" (device time {device_s / nodes:.1f} s), efficiency {efficiency:.2f}",
            flush=True,
        )
    return 0 if is_met or options.small else 1


def measure(nodes: int, frames: int) -> float:
    """Process a batch on a cluster of so many nodes; return the seconds that took."""
    with running_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        for _ in range(nodes):
            cluster.add_node()
        settings = settings_of(Path(folder), engine="ray", ray_address=cluster.address)
        settings.videos_dir.mkdir()
        names = [f"clip{number}" for number in range(VIDEOS)]
        for name in names:
            make_moving_clip(settings.videos_dir / f"{name}.mp4", frames)
        with closing(ProcessHost(settings, factory=GATEWAY)) as host:
            until(lambda: host.call("server_status")["members"] == nodes)
            for seq, name in enumerate(names, 1):
                prepare(host, name, seq)
            host.call("create_batch", name="all", video_ids=names)
            began_s = time.perf_counter()
            job_id = host.call("process_batch", batch_id="all")["job_id"]
            until(lambda: host.call("get_job", job_id=job_id)["state"] == "done")
            return time.perf_counter() - began_s


def prepare(host: ProcessHost, video_id: str, seq: int) -> None:
    """Extract a video, and click on its first frame."""
    until(lambda: host.call("extract_video", video_id=video_id)["state"] == "ready")
    key = {"video_id": video_id, "instance_id": 1, "region": "overall"}
    point = {"frame_idx": 0, "x": BODY[0], "y": BODY[1], "label": 1}
    data = {"client_id": "bench", "seq": seq, "key": key, **point}

    def is_applied() -> bool:
        ack: dict[str, Any] = host.call("apply_op", event="add_point", sid="s", data=data)
        return ack["status"] in ("applied", "duplicate")

    until(is_applied)
    until(lambda: host.call("get_video", video_id=video_id)["counts"]["masks"] > 0)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition; while no member is there, it is not met."""
    while True:
        try:
            if condition():
                return
        except SessionError as error:
            if error.code != HostUnavailable.code:
                raise
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
