"""Measures the list of a cluster's videos: ``python -m benchmarks.video_list --videos N``.

Every member reads all records when it starts, and looks at all of them again whenever somebody
lists the videos. Folders are local here; on a network's file system each look costs a question.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from sam2_session.services.videos.video_row import describe
from sam2_session.services.videos.video_table import VideoTable
from sam2_session.storage import catalog
from sam2_session.storage.leases import LeaseBook
from sam2_session.storage.probe import VideoProbe
from sam2_session.storage.video_record import Source, VideoRecord
from sam2_session.storage.workspace import Workspace


def main(argv: Sequence[str]) -> int:
    """Make the records, and print a row for each figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--videos", type=int, default=10_000)
    videos = parser.parse_args(argv).videos
    with tempfile.TemporaryDirectory() as folder:
        workspace = _workspace(Path(folder), videos)
        leases = LeaseBook(workspace.outputs_dir, "one")
        try:
            _measure(Workspace(workspace.videos_dir, workspace.outputs_dir, leases=leases), videos)
        finally:
            leases.close()
    return 0


def _measure(workspace: Workspace, videos: int) -> None:
    table = VideoTable(workspace)
    known = "v000000"
    steps: list[tuple[str, Callable[[], object]]] = [
        ("read all records, at the start", table.load),
        ("first look at all", table.scan),
        ("each later one", table.scan),
        ("look at one video", lambda: table.scan(known)),
    ]
    for name, step in steps:
        began_s = time.perf_counter()
        step()
        print(f"{videos} videos, {name}: {(time.perf_counter() - began_s) * 1000:.1f} ms")
    rows = [describe(table.row(video_id)).to_wire() for video_id in table.ids()]
    print(f"{videos} videos, the list as JSON: {len(json.dumps(rows)) / 1e6:.1f} MB")


def _workspace(folder: Path, videos: int) -> Workspace:
    workspace = Workspace(folder / "videos", folder / "outputs")
    workspace.videos_dir.mkdir()
    workspace.outputs_dir.mkdir()
    records = []
    probe = VideoProbe(1920, 1080, 0, Fraction(30), Fraction(1, 30), 300)
    for number in range(videos):
        path = workspace.videos_dir / f"v{number:06d}.mp4"
        path.write_bytes(b"0")
        source = Source.of(path, path.name)
        records.append(VideoRecord(path.stem, source, probe))
    catalog.write_many(workspace, records)
    return workspace


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
