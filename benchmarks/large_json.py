"""Measures dry runs of large JSON files beside small requests: ``python -m benchmarks.large_json``.

A server of its own gets files of ``--megabytes``: COCO, Label Studio's JSON and JSON_MIN,
YouTube-VIS of one track, and the first in a ZIP, while another client asks for the video again and
again. Memory is the most that the session process has taken.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.click_videos import SIZE, make_clip
from tests.browser.server import LiveServer
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 2000
PATH = "/api/videos/clip"
BOUNDARY = "b0undary"
KIND = f"multipart/form-data; boundary={BOUNDARY}"
MAX_MIB, MAX_MS = 700, 200
PAUSE_S, IDLE_S = 0.02, 10.0


def main() -> None:
    """Measure every kind of file, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--only", choices=FILES)
    chosen = parser.parse_args()
    for name, write in FILES.items():
        if chosen.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                file = write(Path(folder), chosen.megabytes * 1_000_000)
                sys.stdout.write(f"{name}: {measure(Path(folder), file)}\n")
                sys.stdout.flush()


def measure(folder: Path, file: Path) -> str:
    """Look into one file; return what it took."""
    dirs = WorkspaceDirs.made_in(folder)
    make_clip(dirs.videos / "clip.mp4", FRAMES)
    body = body_of(file)  # before the clock runs: this process asks, too
    limit = ("--max-upload-bytes", "1GiB")
    with LiveServer(dirs, folder / "server.log", "--precision", "fp32", *limit) as server:
        ask(server, f"{PATH}/extract", b"")
        while json.loads(ask(server, PATH))["state"] != "ready":
            time.sleep(PAUSE_S)
        (pid,) = server.session_pids
        before = most_mib(pid)
        with asking(server) as idle:
            time.sleep(IDLE_S)
        with asking(server) as waits:
            began = time.perf_counter()
            report = json.loads(ask(server, f"{PATH}/imports?dry_run=1", body, KIND))
            took_s = time.perf_counter() - began
        worst_s, at_s = max(waits)
        usual_s, slow_s = np.percentile([wait for wait, _ in waits], (50, 99))
        return (
            f"{report['counts']['masks']} masks in {took_s:.1f} s; at most {most_mib(pid):.0f} MiB"
            f" (before {before:.0f}, goal {MAX_MIB}); slowest of {len(waits)} requests"
            f" {1000 * worst_s:.0f} ms (goal {MAX_MS}), after {at_s - began:.1f} s; p50"
            f" {1000 * usual_s:.0f} ms, p99 {1000 * slow_s:.0f} ms;"
            f" without an import {1000 * max(idle)[0]:.0f} ms"
        )


@contextmanager
def asking(server: LiveServer) -> Iterator[list[tuple[float, float]]]:
    """Ask for the video all the while; gives how long each answer took, and since when."""
    waits, stop = list[tuple[float, float]](), threading.Event()
    asker = threading.Thread(target=keep_asking, args=(server, waits, stop))
    asker.start()
    try:
        yield waits
    finally:
        stop.set()
        asker.join()


def keep_asking(
    server: LiveServer, waits: list[tuple[float, float]], stop: threading.Event
) -> None:
    """Ask for the video until told to stop; note how long each answer took, and since when."""
    while not stop.is_set():
        began = time.perf_counter()
        ask(server, PATH)
        waits.append((time.perf_counter() - began, began))
        time.sleep(PAUSE_S)


def ask(server: LiveServer, path: str, body: bytes | None = None, kind: str = "") -> bytes:
    """Send one request; return the body of the answer."""
    headers = {"Content-Type": kind} if kind else {}
    request = urllib.request.Request(server.url + path, body, headers)
    with urllib.request.urlopen(request, timeout=900) as answer:
        content: bytes = answer.read()
        return content


def body_of(file: Path) -> bytes:
    """Put a file into a form."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"'
    return b"".join(
        (head.encode(), b"\r\n\r\n", file.read_bytes(), f"\r\n--{BOUNDARY}--\r\n".encode())
    )


def most_mib(pid: int) -> float:
    """Read the most memory a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    row = next(line for line in lines if line.startswith("VmHWM"))
    return int(row.split()[1]) / 1024


def coco(size: int) -> Iterator[str]:
    """Yield a COCO file of one polygon for each annotation."""
    dice, done = random.Random(1), 0
    images = [{"id": at, "file_name": f"f_{at:05d}.jpg"} for at in range(FRAMES)]
    head = {"images": images, "categories": [{"id": 1, "name": "shaft"}]}
    yield json.dumps(head)[:-1] + ', "annotations": ['
    for at in range(size):
        ring = [round(dice.uniform(0, SIZE[1]), 2) for _ in range(400)]
        track = {"track_id": at // FRAMES}
        row = {"id": at, "image_id": at % FRAMES, "category_id": 1, "segmentation": [ring]}
        text = ("," if at else "") + json.dumps({**row, "attributes": track})
        yield text
        done += len(text)
        if done >= size:
            break
    yield "]}"


def label_studio(size: int) -> Iterator[str]:
    """Yield tasks of thirty polygons each."""
    dice, done = random.Random(1), 0
    for at in range(size):
        results = [
            {
                "id": f"r{own}",
                "type": "polygonlabels",
                "value": {
                    "points": [[round(dice.uniform(0, 100), 3) for _ in "xy"] for _ in range(150)],
                    "polygonlabels": [f"tool{own}_shaft"],
                },
            }
            for own in range(30)
        ]
        task = {"id": at + 1, "data": {"image": f"f_{at % FRAMES:05d}.jpg"}}
        text = json.dumps({**task, "annotations": [{"id": at, "result": results}]})
        yield ("," if at else "[") + text
        done += len(text)
        if done >= size:
            break
    yield "]"


def youtube_vis(size: int) -> Iterator[str]:
    """Yield a YouTube-VIS file of one track, which is one row: an outline for each frame."""
    dice = random.Random(1)
    names = [f"clip/{at:05d}.jpg" for at in range(FRAMES)]
    head = {"videos": [{"id": 1, "file_names": names}], "categories": [{"id": 1, "name": "shaft"}]}
    yield json.dumps(head)[:-1] + ', "annotations": [{"id": 1, "video_id": 1, "category_id": 1'
    yield ', "segmentations": ['
    for at in range(FRAMES):
        ring = [round(dice.uniform(0, SIZE[1]), 2) for _ in range(2 * (size // FRAMES // 16))]
        yield ("," if at else "") + json.dumps([ring])
    yield "]}]}"


def minimal(size: int) -> Iterator[str]:
    """Yield rows of JSON_MIN, of thirty polygons each."""
    yield "["
    for at, text in enumerate(label_studio(size)):
        if text != "]":
            task = json.loads(text[1:])
            shapes = [result["value"] for result in task["annotations"][0]["result"]]
            row = {"id": task["id"], "image": task["data"]["image"], "label": shapes}
            yield ("," if at else "") + json.dumps({**row, "annotator": 1})
    yield "]"


def written(rows: Callable[[int], Iterator[str]], folder: Path, size: int) -> Path:
    """Write a file of some size."""
    file = folder / "file.json"
    with file.open("w") as out:
        out.writelines(rows(size))
    return file


def zipped(rows: Callable[[int], Iterator[str]], folder: Path, size: int) -> Path:
    """Write a ZIP with one file in it."""
    with zipfile.ZipFile(folder / "file.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(written(rows, folder, size), "annotations/instances.json")
    return folder / "file.zip"


FILES: dict[str, Callable[[Path, int], Path]] = {
    "coco": partial(written, coco),
    "label_studio": partial(written, label_studio),
    "label_studio_min": partial(written, minimal),
    "youtube_vis": partial(written, youtube_vis),
    "coco_zip": partial(zipped, coco),
}

if __name__ == "__main__":
    main()
