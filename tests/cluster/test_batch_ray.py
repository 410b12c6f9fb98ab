"""`batch --ray` makes the same bytes on a cluster as the plain command on one machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.annotating import make_moving_clip
from tests.cli.test_batch import clicks_file
from tests.journeys import disk
from tests.ray_cluster import RayCluster, needs_ray
from tests.small_input import small_configs

pytestmark = [needs_ray, pytest.mark.slow]
VIDEOS = ("a", "b", "c", "d")
ROOT = Path(__file__).parents[2]


def test_a_cluster_makes_the_bytes_of_one_machine(cluster: RayCluster, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for at, name in enumerate(VIDEOS):
        make_moving_clip(folder / f"{name}.mp4", 10 + at)
        clicks_file(folder / f"{name}.json", frame_idx=at % 2)

    alone = batch(tmp_path / "alone", folder)
    spread = batch(tmp_path / "spread", folder, "--ray", cluster.address)

    assert spread == alone
    assert all(len(masks) >= 10 for masks in alone.values())
    owners = {path.read_text() for path in (tmp_path / "spread").glob("outputs/*/.lease-*")}
    assert len({text.partition("@")[0] for text in owners}) == 2


def batch(home: Path, folder: Path, *options: str) -> dict[str, dict[str, bytes]]:
    """Run the command; the masks of each video."""
    command = [sys.executable, "-m", "sam2_session", "batch", str(folder)]
    command += ["--videos-dir", str(home / "videos"), "--outputs-dir", str(home / "outputs")]
    command += ["--configs-dir", str(small_configs(home)), "--precision", "fp32", *options]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: disk.mask_files(home / "outputs" / name) for name in VIDEOS}
