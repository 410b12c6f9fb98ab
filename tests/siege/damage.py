"""Every file we keep, damaged in nine ways under a running server, which is killed after."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.annotating import make_moving_clip
from tests.browser.server import LiveServer
from tests.siege.attack import (
    Answer,
    Attack,
    ask,
    has_open_jobs,
    request,
    wait_for,
    wait_for_model,
)
from tests.workspace_dirs import WorkspaceDirs

POINTS = {"points": [{"x": 30, "y": 30, "label": 1}], "box": None}
PAIR = "/api/videos/{}/instances/1/regions/overall"
READS = (
    "/api/videos",
    "/api/videos/clip",
    "/api/videos/clip/instances",
    "/api/videos/clip/frames/3.jpg",
    "/api/videos/clip/suspicions",
    "/api/videos/clip/suspicions/curves",
    "/api/videos/clip/runs",
    "/api/videos/clip/exports",
    "/api/videos/clip/imports",
    "/api/videos/clip/frames.json",
    "/api/videos/clip/report.html",
    PAIR.format("clip") + "/prompts",
    PAIR.format("clip") + "/masks",
    PAIR.format("clip") + "/masks/0.png",
    PAIR.format("clip") + "/masks/5.png",
    "/api/batches",
    "/api/batches/both",
    "/api/trash",
    "/api/regions",
    "/api/classes",
    "/api/jobs",
)


def cut(path: Path, _: random.Random) -> None:
    os.truncate(path, path.stat().st_size // 2)


def noise(path: Path, dice: random.Random) -> None:
    path.write_bytes(dice.randbytes(max(1, path.stat().st_size)))


def zeros(path: Path, _: random.Random) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def flip(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes() or b"\0")
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def grow(path: Path, dice: random.Random) -> None:
    path.write_bytes(path.read_bytes() + dice.randbytes(1000))


def become_folder(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


def lead_nowhere(path: Path, _: random.Random) -> None:
    path.unlink()
    path.symlink_to("nowhere")


KINDS: dict[str, Callable[[Path, random.Random], Any]] = {
    "removed": lambda path, _: path.unlink(),
    "empty": lambda path, _: path.write_bytes(b""),
    "half": cut,
    "noise": noise,
    "zeros": zeros,
    "a bit flipped": flip,
    "longer": grow,
    "a folder": become_folder,
    "a broken link": lead_nowhere,
}


def attack(run: Attack) -> None:
    """Damage one file at a time; the rest must go on, and an error must have a name."""
    dirs = WorkspaceDirs.made_in(run.folder / "damage")
    for name in ("clip", "sound"):
        make_moving_clip(dirs.videos / f"{name}.mp4")
    log = run.folder / "damage.log"
    with LiveServer(dirs, log) as server:
        _annotate(server)
    whole = run.folder / "whole"
    shutil.copytree(dirs.outputs, whole, symlinks=True)
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    files = [path for path in files if path.parts[0] != "sound"]
    cases = [(path, kind) for path in _of_every_kind(files) for kind in KINDS]
    run.dice.shuffle(cases)
    with LiveServer(dirs, log) as server:
        wait_for_model(server)
        for url in READS:  # undamaged, everything can be read
            ask(server, "GET", url)
        for path, kind in cases[: run.count]:
            _try(run, server, path, kind)
            _bring_back(server, whole)
            run.done += 1


def _of_every_kind(files: list[Path]) -> list[Path]:
    """The first two files of each folder and suffix: they are all of a kind."""
    seen: dict[tuple[Path, str], int] = {}
    chosen = []
    for path in files:
        kind = (path.parent, path.suffix)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= 2:
            chosen.append(path)
    return chosen


def _annotate(server: LiveServer) -> None:
    wait_for_model(server)
    for name in ("clip", "sound"):
        ask(server, "POST", f"/api/videos/{name}/extract")
        wait_for(lambda name=name: _state(server, name) == "ready")
        ask(server, "PUT", f"{PAIR.format(name)}/prompts/0", POINTS)
        ask(server, "POST", f"/api/videos/{name}/propagate", {"force": True})
    ask(server, "POST", "/api/batches", {"name": "both", "video_ids": ["clip", "sound"]})
    ask(server, "POST", "/api/regions", {"label": "Tip"})
    ask(server, "POST", "/api/classes", {"name": "tongs"})
    wait_for(lambda: not has_open_jobs(server))
    ask(server, "DELETE", f"{PAIR.format('clip')}/masks")
    ask(server, "POST", "/api/videos/clip/propagate", {"force": True})
    ask(server, "POST", "/api/videos/clip/exports", {"format": "coco"})
    wait_for(lambda: not has_open_jobs(server))


def _try(run: Attack, server: LiveServer, path: Path, kind: str) -> None:
    case = f"{path}, {kind}"
    with suppress(FileNotFoundError):  # it is there only while a video is open
        KINDS[kind](server.dirs.outputs / path, run.dice)
    _look(run, server, case)
    _end_session_process(server)
    _look(run, server, f"{case}, after a kill")


def _look(run: Attack, server: LiveServer, case: str) -> None:
    """Read all there is, and annotate the other video."""
    for url in READS:
        answer = request(server, "GET", url)
        run.check(answer.is_clean, f"{case}: {url}: {_told(answer)}")
    run.check(_state(server, "sound") == "ready", f"{case}: the other video is not ready")
    other = request(server, "PUT", f"{PAIR.format('sound')}/prompts/1", POINTS)
    run.check(other.status == 200, f"{case}: a click on the other video: {_told(other)}")
    opened = request(server, "POST", "/api/videos/clip/extract")
    run.check(opened.is_clean, f"{case}: opening: {_told(opened)}")
    own = request(server, "PUT", f"{PAIR.format('clip')}/prompts/1", POINTS)
    run.check(own.is_clean, f"{case}: a click: {_told(own)}")


def _told(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:160]!r}"


def _state(server: LiveServer, name: str) -> str:
    answer = request(server, "GET", f"/api/videos/{name}")
    return str(answer.json["state"]) if answer.status == 200 else f"{answer.status}"


def _bring_back(server: LiveServer, whole: Path) -> None:
    """Put everything back as it was while no session process runs on it."""
    server.stop(signal.SIGKILL)
    shutil.rmtree(server.dirs.outputs)
    shutil.copytree(whole, server.dirs.outputs, symlinks=True)
    server.start()
    wait_for_model(server)


def _end_session_process(server: LiveServer) -> None:
    before = server.session_pids
    for pid in before:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: server.session_pids not in (before, []))
    wait_for(lambda: request(server, "GET", "/readyz").status == 200)
    wait_for_model(server)
