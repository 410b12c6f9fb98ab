"""Measures a cluster's gateway in a click: ``python -m benchmarks.gateway --ray-address …``.

The same clicks go, one by one in turn, to a session process and to a cluster with a node on this
machine, each with a workspace of its own.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sam2_session.core.errors import HostUnavailable
from sam2_session.folders import DEMO_CLIP
from sam2_session.hosts.base import GATEWAY_FACTORY, Host
from sam2_session.hosts.process import ProcessHost
from sam2_session.settings import Settings

CLICKS = 200
WARM_UP = 20
KEY = {"video_id": "demo", "instance_id": 1, "region": "overall"}


class Clicker:
    """Clicks on the demo clip through one host."""

    def __init__(self, home: Path, name: str, *, factory: str | None, **options: Any) -> None:
        settings = Settings(
            videos_dir=home / name / "videos", outputs_dir=home / name / "outputs", **options
        )
        settings.videos_dir.mkdir(parents=True)
        shutil.copy(DEMO_CLIP, settings.videos_dir / "demo.mp4")
        self.host: Host = (
            ProcessHost(settings, factory=factory) if factory else ProcessHost(settings)
        )
        self.took_ms: list[float] = []
        self._seq = 0

    def wait_until_ready(self) -> None:
        """Wait until every frame and the model are there."""
        while not self._is_ready():
            time.sleep(0.2)

    def click(self) -> None:
        """Click, and note how long the acknowledgement took."""
        self._seq += 1
        place = {"x": 10.0 + self._seq % 50, "y": 20.0, "label": 1}
        frame = {"frame_idx": self._seq % 10}
        data = {"client_id": "bench", "seq": self._seq, "key": KEY, **frame, **place}
        began_s = time.perf_counter()
        ack = self.host.call("apply_op", event="add_point", sid="s", data=data)
        self.took_ms.append((time.perf_counter() - began_s) * 1000)
        if ack["status"] != "applied":
            raise RuntimeError(str(ack))

    def _is_ready(self) -> bool:
        try:
            video = self.host.call("extract_video", video_id="demo")
            models = self.host.call("list_models")["models"]
        except HostUnavailable:
            return False
        return video["state"] == "ready" and any(row["state"] == "selected" for row in models)


def main(argv: Sequence[str]) -> int:
    """Measure, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ray-address", required=True)
    parser.add_argument("--clicks", type=int, default=CLICKS)
    options = parser.parse_args(argv)
    home = Path(tempfile.mkdtemp())
    cluster: dict[str, Any] = {"factory": GATEWAY_FACTORY, "ray_address": options.ray_address}
    sides = {
        "session process": Clicker(home, "process", factory=None),
        "gateway and actor": Clicker(home, "cluster", **cluster),
    }
    with closing(sides["session process"].host), closing(sides["gateway and actor"].host):
        for side in sides.values():
            side.wait_until_ready()
        for _ in range(options.clicks + WARM_UP):
            for side in sides.values():
                side.click()
                time.sleep(0.05)  # as a person: the mask of before is on its way
    for name, side in sides.items():
        times = sorted(side.took_ms[WARM_UP:])
        middle, p95 = statistics.median(times), times[len(times) * 95 // 100]
        print(f"{name}: click to acknowledgement p50 {middle:.1f} ms, p95 {p95:.1f} ms")
    shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
