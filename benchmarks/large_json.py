"""Measures dry runs of large JSON files beside small requests: ``python -m benchmarks.large_json``.

A server of its own gets a COCO and a Label Studio file of ``--megabytes``, while another client
asks for the video again and again. Memory is the most that the session process has taken.
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
from collections.abc import Iterator
from pathlib import Path

from benchmarks.click_videos import SIZE, make_clip
from tests.browser.server import LiveServer
from tests.conftest import WorkspaceDirs

FRAMES = 2000
PATH = "/api/videos/clip"
BOUNDARY = "b0undary"
MAX_MIB, MAX_MS = 700, 200
PAUSE_S = 0.02


def main() -> None:
    """Measure both kinds of files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    size = parser.parse_args().megabytes * 1_000_000
    for name, rows in (("coco", coco), ("label_studio", label_studio)):
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.write(f"{name}: {measure(Path(folder), rows(size))}\n")


def measure(folder: Path, texts: Iterator[str]) -> str:
    """Look into one file; return what it took."""
    dirs = WorkspaceDirs.made_in(folder)
    make_clip(dirs.videos / "clip.mp4", FRAMES)
    file = folder / "file.json"
    with file.open("w") as out:
        out.writelines(texts)
    limit = ("--max-upload-bytes", "1GiB")
    with LiveServer(dirs, folder / "server.log", "--precision", "fp32", *limit) as server:
        ask(server, f"{PATH}/extract", b"")
        while json.loads(ask(server, PATH))["state"] != "ready":
            time.sleep(PAUSE_S)
        (pid,) = server.session_pids
        before = most_mib(pid)
        waits, stop = list[float](), threading.Event()
        asker = threading.Thread(target=keep_asking, args=(server, waits, stop))
        asker.start()
        began = time.perf_counter()
        report = json.loads(dry_run(server, file))
        took_s = time.perf_counter() - began
        stop.set()
        asker.join()
        worst_ms = 1000 * max(waits)
        return (
            f"{report['counts']['masks']} masks in {took_s:.1f} s; at most {most_mib(pid):.0f} MiB"
            f" (before {before:.0f}, goal {MAX_MIB}); slowest of {len(waits)} requests"
            f" {worst_ms:.0f} ms (goal {MAX_MS})"
        )


def keep_asking(server: LiveServer, waits: list[float], stop: threading.Event) -> None:
    """Ask for the video until told to stop; note how long each answer took."""
    while not stop.is_set():
        began = time.perf_counter()
        ask(server, PATH)
        waits.append(time.perf_counter() - began)
        time.sleep(PAUSE_S)


def ask(server: LiveServer, path: str, body: bytes | None = None, kind: str = "") -> bytes:
    """Send one request; return the body of the answer."""
    headers = {"Content-Type": kind} if kind else {}
    request = urllib.request.Request(server.url + path, body, headers)
    with urllib.request.urlopen(request, timeout=900) as answer:
        content: bytes = answer.read()
        return content


def dry_run(server: LiveServer, file: Path) -> bytes:
    """Send a file and look into it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="file.json"'
    body = head.encode() + b"\r\n\r\n" + file.read_bytes() + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return ask(server, f"{PATH}/imports?dry_run=1", body, kind)


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


if __name__ == "__main__":
    main()
